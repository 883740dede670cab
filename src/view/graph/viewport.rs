//! Which part of the picture is in sight.

use crate::view::draw::Rect;

/// Scales between which the reader can choose. At the smallest, names are still read.
const SCALES: (f32, f32) = (0.4, 2.0);
/// A graph that fits at this scale is shown whole when it first appears; at a smaller one numbers would be
/// lost.
const READABLE: f32 = 0.9;
/// The least part of a node's column that stays in sight when the picture is moved.
const KEEP_PX: f32 = 80.0;

/// What is in sight: a point of the picture is at `scale * point + offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// Pixels on the screen for a pixel of the picture.
    pub scale: f32,
    /// Where the picture's left edge is.
    pub x: f32,
    /// Where its upper edge is.
    pub y: f32,
    /// Width of the window.
    pub width: f32,
    /// Height of the window.
    pub height: f32,
}

impl Default for Viewport {
    fn default() -> Self {
        Self { scale: 1.0, x: 0.0, y: 0.0, width: 0.0, height: 0.0 }
    }
}

impl Viewport {
    /// A rectangle of the picture on the screen.
    pub fn place(&self, rect: Rect) -> Rect {
        let Self { scale, x, y, .. } = *self;
        Rect::new(rect.x * scale + x, rect.y * scale + y, rect.w * scale, rect.h * scale)
    }

    /// A point of the screen in the picture.
    pub fn point(&self, x: f32, y: f32) -> (f32, f32) {
        ((x - self.x) / self.scale, (y - self.y) / self.scale)
    }

    /// Whether any of a rectangle on the screen is in sight.
    pub fn sees(&self, rect: Rect) -> bool {
        rect.right() > 0.0 && rect.bottom() > 0.0 && rect.x < self.width && rect.y < self.height
    }

    /// Shows the whole picture, but never so small that names are lost.
    pub fn fit(&mut self, size: (f32, f32)) {
        let scale = (self.width / size.0.max(1.0)).min(self.height / size.1.max(1.0));
        self.scale = scale.clamp(SCALES.0, 1.0);
        self.x = (self.width - size.0 * self.scale) / 2.0;
        self.y = (self.height - size.1 * self.scale) / 2.0;
        self.keep(size);
    }

    /// Shows the picture for the first time: whole if that can be read, else at its true size from where the
    /// reading begins.
    pub fn begin(&mut self, size: (f32, f32), start: Option<Rect>) {
        if self.width >= size.0 * READABLE && self.height >= size.1 * READABLE {
            return self.fit(size);
        }
        self.scale = 1.0;
        (self.x, self.y) = (0.0, (self.height - size.1) / 2.0);
        if let Some(start) = start {
            self.y = self.height / 2.0 - (start.y + start.h / 2.0);
        }
        self.keep(size);
    }

    /// Zooms around a point of the screen.
    pub fn zoom(&mut self, x: f32, y: f32, factor: f32, size: (f32, f32)) {
        let (from_x, from_y) = self.point(x, y);
        self.scale = (self.scale * factor).clamp(SCALES.0, SCALES.1);
        (self.x, self.y) = (x - from_x * self.scale, y - from_y * self.scale);
        self.keep(size);
    }

    /// Moves the picture.
    pub fn pan(&mut self, dx: f32, dy: f32, size: (f32, f32)) {
        self.x += dx;
        self.y += dy;
        self.keep(size);
    }

    /// Brings a rectangle of the picture into sight; moves no further than it has to.
    pub fn reveal(&mut self, rect: Rect, size: (f32, f32)) {
        let shown = self.place(rect);
        let step = |from: f32, to: f32, most: f32| {
            let margin = 24.0_f32.min((most - (to - from)).max(0.0) / 2.0);
            if from < margin { margin - from } else { (most - margin - to).min(0.0) }
        };
        let dx = step(shown.x, shown.right(), self.width);
        let dy = step(shown.y, shown.bottom(), self.height);
        self.pan(dx, dy, size);
    }

    /// Keeps a part of the picture in sight; what fits is centred where it would leave the window.
    fn keep(&mut self, size: (f32, f32)) {
        let within = |at: f32, length: f32, window: f32| {
            let length = length * self.scale;
            if length <= window {
                return at.clamp(0.0, window - length);
            }
            at.clamp((window - length - KEEP_PX).min(0.0), KEEP_PX)
        };
        (self.x, self.y) = (within(self.x, size.0, self.width), within(self.y, size.1, self.height));
    }
}
