//! Roles to colours, for both themes; the only place in the code where colours stand.
//!
//! `style/tokens.css` holds the same values under the names of [`Theme::tokens`]; a test compares the two.
//! Services take the ten colours of Petroff's palette by rank of the time spent in them, ranks beyond ten the
//! same colours under a texture; the reader may choose another [`Palette`]. Edges are shifted towards black or white until they reach 3:1 against the
//! ground, so that light colours stay visible.

#![expect(clippy::unreadable_literal, reason = "colours are read as they stand in style sheets")]

use std::collections::BTreeMap;

use super::draw::{HEAT_LEVELS, Paint, STEPS};
use crate::model::index::ServiceIdx;
use crate::model::span::Status;

/// Matthew Petroff's ten colours, distinct also for colour-blind eyes.
const PETROFF: [Colour; 10] = [
    Colour(0x3f90da),
    Colour(0xffa90e),
    Colour(0xbd1f01),
    Colour(0x94a4a2),
    Colour(0x832db6),
    Colour(0xa96b59),
    Colour(0xe76300),
    Colour(0xb9ac70),
    Colour(0x717581),
    Colour(0x92dadd),
];

/// Stops of cividis at equal distances.
const CIVIDIS: [Colour; 5] =
    [Colour(0x00224e), Colour(0x3e4c6b), Colour(0x7c7b78), Colour(0xb8ae6c), Colour(0xfee838)];
/// The colours of Okabe and Ito without black, and the grey that usually joins them. The last two of ten are
/// the first again, under a texture.
const OKABE_ITO: [Colour; 10] = [
    Colour(0xe69f00),
    Colour(0x56b4e9),
    Colour(0x009e73),
    Colour(0xf0e442),
    Colour(0x0072b2),
    Colour(0xd55e00),
    Colour(0xcc79a7),
    Colour(0x999999),
    Colour(0xe69f00),
    Colour(0x56b4e9),
];
/// Distinct colours of [`OKABE_ITO`].
const N_OKABE_ITO: u8 = 8;

/// What is mixed into grounds that stand for time.
const HEAT: Colour = Colour(0xe69f00);
/// How much of it at most.
const MOST_TINT: f64 = 0.24;

/// One colour for everything, but for what failed and what is said to have gone well.
const UNSET: Colour = Colour(0x8f99a8);
const OK: Colour = Colour(0x6c7f9c);
const FAILED: Colour = Colour(0xa3262a);

/// Slots of statuses, behind those of services.
const FAILED_SLOT: u8 = N_SLOTS as u8;
const OK_SLOT: u8 = FAILED_SLOT + 1;

/// Which colours services have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Palette {
    /// Matthew Petroff's ten.
    #[default]
    Petroff,
    /// Okabe and Ito's seven, and grey.
    OkabeIto,
    /// One for all services; spans differ by their status.
    Status,
}

/// Number of colours for services.
pub const N_COLOURS: usize = PETROFF.len();
/// Number of distinct looks: each colour plain and textured.
const N_SLOTS: usize = 2 * N_COLOURS;

/// An opaque colour: red, green and blue in the low 24 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Colour(pub u32);

/// A complete set of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Whether the ground is dark.
    pub is_dark: bool,
    /// The colours of services.
    pub palette: Palette,
    background: Colour,
    panel: Colour,
    stripe: Colour,
    hairline: Colour,
    hover: Colour,
    selection: Colour,
    accent: Colour,
    found: Colour,
    error: Colour,
    warning: Colour,
    success: Colour,
    text: Colour,
    text_muted: Colour,
    connector: Colour,
    shade: Colour,
}

/// Dark ink on a light ground.
pub const LIGHT: Theme = Theme {
    is_dark: false,
    palette: Palette::Petroff,
    background: Colour(0xffffff),
    panel: Colour(0xf6f7f9),
    stripe: Colour(0xfafbfc),
    hairline: Colour(0xdde0e5),
    hover: Colour(0xeef1f6),
    selection: Colour(0xdfeafb),
    accent: Colour(0x1259c3),
    found: Colour(0xfff3c4),
    error: Colour(0xa80f0f),
    warning: Colour(0x8a5a00),
    success: Colour(0x1a6e35),
    text: Colour(0x1b1b1f),
    text_muted: Colour(0x5a5f6b),
    connector: Colour(0xb4bac4),
    shade: Colour(0xe4e7ec),
};

/// Light ink on a dark ground.
pub const DARK: Theme = Theme {
    is_dark: true,
    palette: Palette::Petroff,
    background: Colour(0x1b1b1f),
    panel: Colour(0x232328),
    stripe: Colour(0x1f1f24),
    hairline: Colour(0x36373f),
    hover: Colour(0x2a2b32),
    selection: Colour(0x23395c),
    accent: Colour(0x7ab2ff),
    found: Colour(0x423810),
    error: Colour(0xff8a80),
    warning: Colour(0xf0b64a),
    success: Colour(0x7fd197),
    text: Colour(0xe8e8ec),
    text_muted: Colour(0xa3a7b3),
    connector: Colour(0x555a66),
    shade: Colour(0x2c2d34),
};

/// Both themes with every palette.
static THEMES: [[Theme; 3]; 2] = [LIGHT.in_all_palettes(), DARK.in_all_palettes()];

/// Colour and texture of each service of a trace.
///
/// A look is a slot: the colour is its remainder by [`N_COLOURS`], the second half is textured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    slots: Vec<u8>,
    palette: Palette,
}

/// Looks that services had in earlier traces, by name.
pub type RememberedLooks = BTreeMap<String, u8>;

impl Looks {
    /// Looks by rank alone, for services that are ordered by the time spent in them.
    pub fn by_rank(n_services: usize) -> Self {
        let slots = (0..n_services).map(|rank| (rank % N_SLOTS) as u8).collect();
        Self { slots, palette: Palette::default() }
    }

    /// Looks for `services`, ordered by rank: known services keep theirs, others take the first that is free.
    pub fn assign(services: &[String], remembered: &mut RememberedLooks) -> Self {
        let order: Vec<u32> = (0..services.len() as u32).collect();
        Self::assign_in_order(services, &order, remembered)
    }

    /// Looks for `services` by the rank that `order` (positions, highest rank first) gives them.
    pub fn assign_in_order(services: &[String], order: &[u32], remembered: &mut RememberedLooks) -> Self {
        let mut users = [0_usize; N_SLOTS];
        for slot in services.iter().filter_map(|s| remembered.get(s)) {
            users[*slot as usize % N_SLOTS] += 1;
        }
        let mut slots = vec![0; services.len()];
        for &at in order {
            let Some(service) = services.get(at as usize) else { continue };
            let slot = remembered.get(service).copied().unwrap_or_else(|| {
                let free = (0..N_SLOTS).min_by_key(|&slot| (users[slot], slot)).unwrap_or(0);
                users[free] += 1;
                remembered.insert(service.clone(), free as u8);
                free as u8
            });
            slots[at as usize] = slot % N_SLOTS as u8;
        }
        Self { slots, palette: Palette::default() }
    }

    /// The same slots in another palette.
    #[must_use]
    pub fn in_palette(self, palette: Palette) -> Self {
        Self { palette, ..self }
    }

    /// Which colours the slots stand for.
    pub fn palette(&self) -> Palette {
        self.palette
    }

    /// The slot of a service.
    pub fn slot(&self, service: ServiceIdx) -> u8 {
        self.slots.get(service.at()).copied().unwrap_or(0)
    }

    /// The slot of what has a service and a status: a bar, a disc.
    pub fn slot_by(&self, service: ServiceIdx, status: Status) -> u8 {
        match (self.palette, status) {
            (Palette::Status, Status::Error) => FAILED_SLOT,
            (Palette::Status, Status::Ok) => OK_SLOT,
            _ => self.slot(service),
        }
    }

    /// Whether a slot is drawn with the second texture.
    pub fn is_textured(&self, slot: u8) -> bool {
        match self.palette {
            Palette::Petroff => slot as usize >= N_COLOURS,
            Palette::OkabeIto => slot as usize >= N_COLOURS || slot >= N_OKABE_ITO,
            Palette::Status => false,
        }
    }
}

/// Up to two letters that tell a service without its colour: `checkout-service` is `CS`, `redis` is `Re`.
pub fn letter_tag(service: &str) -> String {
    let mut words = service.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    let (Some(first), second) = (words.next(), words.next()) else {
        return "?".to_owned();
    };
    let mut letters = first.chars();
    let head = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    match second.and_then(|w| w.chars().next()) {
        Some(c) => format!("{head}{}", c.to_uppercase()),
        None => letters.next().map_or(head.clone(), |c| format!("{head}{}", c.to_lowercase())),
    }
}

impl Colour {
    /// Red, green, blue.
    pub const fn rgb(self) -> [u8; 3] {
        [(self.0 >> 16) as u8, (self.0 >> 8) as u8, self.0 as u8]
    }

    /// As CSS has it: `#3f90da`.
    pub fn css(self) -> String {
        format!("#{:06x}", self.0)
    }

    /// This colour with `share` (0 to 1) of `other`.
    #[must_use]
    pub fn mixed(self, other: Self, share: f64) -> Self {
        let [a, b] = [self.rgb(), other.rgb()];
        let channel = |n: usize| f64::from(a[n]) + (f64::from(b[n]) - f64::from(a[n])) * share;
        let part = |n: usize| channel(n).round().clamp(0.0, 255.0) as u32;
        Self(part(0) << 16 | part(1) << 8 | part(2))
    }

    /// Contrast ratio of WCAG, 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn luminance(self) -> f64 {
        let linear = self.rgb().map(|c| {
            let c = f64::from(c) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }
}

impl Palette {
    /// All.
    pub const ALL: [Self; 3] = [Self::Petroff, Self::OkabeIto, Self::Status];

    /// Red, green and blue of a slot's bar, the same in both themes.
    pub const fn rgb(self, slot: u8) -> [u8; 3] {
        self.colour(slot).rgb()
    }

    const fn colour(self, slot: u8) -> Colour {
        match (self, slot) {
            (Self::Petroff, _) => PETROFF[slot as usize % N_COLOURS],
            (Self::OkabeIto, _) => OKABE_ITO[slot as usize % N_COLOURS],
            (Self::Status, FAILED_SLOT) => FAILED,
            (Self::Status, OK_SLOT) => OK,
            (Self::Status, _) => UNSET,
        }
    }
}

impl Theme {
    /// The dark or the light theme, with these colours of services.
    pub fn of(is_dark: bool, palette: Palette) -> &'static Self {
        let [petroff, okabe_ito, status] = &THEMES[usize::from(is_dark)];
        match palette {
            Palette::Petroff => petroff,
            Palette::OkabeIto => okabe_ito,
            Palette::Status => status,
        }
    }

    const fn in_all_palettes(self) -> [Self; 3] {
        [
            Self { palette: Palette::Petroff, ..self },
            Self { palette: Palette::OkabeIto, ..self },
            Self { palette: Palette::Status, ..self },
        ]
    }

    /// The colour of a role.
    pub fn colour(&self, paint: Paint) -> Colour {
        match paint {
            Paint::Background | Paint::Veil => self.background,
            Paint::Stripe => self.stripe,
            Paint::Grid | Paint::Hairline => self.hairline,
            Paint::Hover => self.hover,
            Paint::Selection => self.selection,
            Paint::Accent => self.accent,
            Paint::Match => self.found,
            Paint::Service(slot) => self.service(slot),
            Paint::Waiting(slot) => self.service(slot).mixed(self.background, 0.6),
            Paint::Edge(slot) => self.edge(slot),
            Paint::Error => self.error,
            Paint::Missing | Paint::TextMuted => self.text_muted,
            Paint::Event | Paint::Text | Paint::Crosshair | Paint::Critical => self.text,
            Paint::Connector => self.connector,
            Paint::TextOn(slot) => ink_on(self.service(slot)),
            Paint::Shade => self.shade,
            Paint::Warning => self.warning,
            Paint::Heat(level) => heat(level),
            Paint::TextOnHeat(level) => ink_on(heat(level)),
            Paint::Tint(step) => self.tint(HEAT, step),
            Paint::Fault(step) => self.tint(self.error, step),
        }
    }

    /// The ground with so much of a colour that text on it stays easy to read.
    fn tint(&self, colour: Colour, step: u8) -> Colour {
        self.background.mixed(colour, f64::from(step.min(STEPS)) / f64::from(STEPS) * MOST_TINT)
    }

    const fn service(&self, slot: u8) -> Colour {
        self.palette.colour(slot)
    }

    /// The service's colour, shifted away from the ground until it stands out 3:1.
    fn edge(&self, slot: u8) -> Colour {
        let towards = if self.is_dark { Colour(0xffffff) } else { Colour(0) };
        let base = self.service(slot).mixed(towards, 0.15);
        (0..20)
            .map(|step| base.mixed(towards, f64::from(step) * 0.05))
            .find(|c| c.contrast(self.background) >= 3.0)
            .unwrap_or(towards)
    }

    /// Every colour that style sheets share with the canvas, by the name of its custom property.
    pub fn tokens(&self) -> Vec<(String, Colour)> {
        let plain = [
            ("--background", self.background),
            ("--panel", self.panel),
            ("--stripe", self.stripe),
            ("--hairline", self.hairline),
            ("--hover", self.hover),
            ("--selection", self.selection),
            ("--accent", self.accent),
            ("--match", self.found),
            ("--error", self.error),
            ("--warning", self.warning),
            ("--success", self.success),
            ("--text", self.text),
            ("--text-muted", self.text_muted),
            ("--connector", self.connector),
            ("--shade", self.shade),
        ];
        let plain = plain.into_iter().map(|(name, colour)| (name.to_owned(), colour));
        plain.chain(self.service_tokens()).collect()
    }

    /// The colours of services, by the names of their custom properties.
    pub fn service_tokens(&self) -> Vec<(String, Colour)> {
        let of_slot = |slot: u8| {
            let number = slot + 1;
            [
                (format!("--service-{number}"), self.colour(Paint::Service(slot))),
                (format!("--service-{number}-edge"), self.colour(Paint::Edge(slot))),
                (format!("--service-{number}-ink"), self.colour(Paint::TextOn(slot))),
            ]
        };
        (0..N_COLOURS as u8).flat_map(of_slot).collect()
    }
}

/// The colour at `share` (0 to 1) of cividis, a scale from dark to light that is read the same by eyes that do not
/// tell red from green (Nuñez, Anderton and Renslow, 2018).
pub fn cividis(share: f64) -> Colour {
    let place = share.clamp(0.0, 1.0) * (CIVIDIS.len() - 1) as f64;
    let at = (place as usize).min(CIVIDIS.len() - 2);
    CIVIDIS[at].mixed(CIVIDIS[at + 1], place - at as f64)
}

/// The colour of a step of [`Paint::Heat`].
fn heat(level: u8) -> Colour {
    cividis(f64::from(level) / f64::from(HEAT_LEVELS))
}

/// Black or white, whichever is easier to read on `ground`.
fn ink_on(ground: Colour) -> Colour {
    let [black, white] = [Colour(0), Colour(0xffffff)];
    if black.contrast(ground) >= white.contrast(ground) { black } else { white }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_be_seen_stands_out() {
        for theme in THEMES.iter().flatten() {
            let tints = [Paint::Tint(STEPS), Paint::Fault(STEPS)].map(|p| theme.colour(p));
            assert!(tints.iter().all(|tint| theme.text.contrast(*tint) >= 7.0));
            let grounds = [Paint::Background, Paint::Stripe, Paint::Hover, Paint::Selection, Paint::Match];
            for ground in grounds.map(|p| theme.colour(p)).into_iter().chain([theme.panel]) {
                for (ink, least) in [
                    (theme.text, 4.5),
                    (theme.text_muted, 4.5),
                    (theme.error, 4.5),
                    (theme.warning, 4.5),
                    (theme.accent, 4.5),
                ] {
                    let contrast = ink.contrast(ground);
                    assert!(contrast >= least, "{} on {}: {contrast:.2}", ink.css(), ground.css());
                }
            }
            for slot in 0..=OK_SLOT {
                let edge = theme.colour(Paint::Edge(slot));
                assert!(edge.contrast(theme.background) >= 3.0, "edge {slot} of {:?}", theme.palette);
                let [ink, bar] = [Paint::TextOn(slot), Paint::Service(slot)].map(|p| theme.colour(p));
                assert!(ink.contrast(bar) >= 4.5, "text on {slot}: {:.2}", ink.contrast(bar));
            }
        }
    }

    /// The style sheet states each colour as `--name: light-dark(#…, #…);`.
    #[test]
    fn the_style_sheet_has_the_same_colours() {
        let css = include_str!("../../style/tokens.css");
        for ((name, light), (_, dark)) in LIGHT.tokens().into_iter().zip(DARK.tokens()) {
            let expected = format!("{name}: light-dark({}, {});", light.css(), dark.css());
            assert!(css.contains(&expected), "style/tokens.css should say {expected}");
        }
    }

    /// Other palettes stand there in blocks of their own, one after the other.
    #[test]
    fn the_style_sheet_has_every_palette() {
        let css = include_str!("../../style/tokens.css");
        for (palette, word) in [(Palette::OkabeIto, "okabe-ito"), (Palette::Status, "status")] {
            let block = css.split_once(&format!(":root[data-palette=\"{word}\"] {{")).map(|(_, rest)| rest);
            let block = block.and_then(|rest| rest.split_once('}')).map(|(block, _)| block);
            let block = block.unwrap_or_else(|| panic!("no block for {word}"));
            let [light, dark] = [false, true].map(|is_dark| Theme::of(is_dark, palette).service_tokens());
            for ((name, light), (_, dark)) in light.into_iter().zip(dark) {
                let expected = format!("{name}: light-dark({}, {});", light.css(), dark.css());
                assert!(block.contains(&expected), "the block of {word} should say {expected}");
            }
        }
    }

    #[test]
    fn services_look_different() {
        for (palette, n) in [(Palette::Petroff, 20), (Palette::OkabeIto, 10), (Palette::Status, 1)] {
            let looks = Looks::by_rank(21).in_palette(palette);
            let look = |slot: u8| (palette.rgb(slot), looks.is_textured(slot));
            let seen: std::collections::BTreeSet<_> =
                (0..n).map(|n| look(looks.slot(ServiceIdx(n)))).collect();
            assert_eq!(seen.len(), n as usize, "{palette:?}");
            assert_eq!(looks.slot(ServiceIdx(20)), 0);
        }
    }

    #[test]
    fn a_status_has_a_colour_where_services_have_none() {
        let colours = |palette| {
            let looks = Looks::by_rank(2).in_palette(palette);
            [Status::Unset, Status::Ok, Status::Error]
                .map(|status| palette.rgb(looks.slot_by(ServiceIdx(1), status)))
        };
        let [unset, ok, failed] = colours(Palette::Status);
        assert!(unset != ok && ok != failed && unset != failed);
        let [unset, ok, failed] = colours(Palette::Petroff);
        assert!(unset == ok && ok == failed);
    }

    #[test]
    fn services_keep_their_looks_from_trace_to_trace() {
        let mut remembered = RememberedLooks::new();
        let names = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(Looks::assign(&names("api db cache"), &mut remembered).slots, [0, 1, 2]);
        assert_eq!(Looks::assign(&names("mail cache api"), &mut remembered).slots, [1, 2, 0]);
        assert_eq!(Looks::assign(&names("mail db"), &mut remembered).slots, [1, 1]);
    }

    #[test]
    fn tags_are_one_or_two_letters() {
        for (name, tag) in [
            ("checkout-service", "CS"),
            ("redis", "Re"),
            ("", "?"),
            ("x", "X"),
            ("ünder_score", "ÜS"),
            ("--", "?"),
        ] {
            assert_eq!(letter_tag(name), tag, "{name}");
        }
    }
}
