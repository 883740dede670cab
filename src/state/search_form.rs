//! The search form as it is filled in: texts as they were typed, read into a [`SearchChoice`] or refused field by
//! field.

use crate::base::calendar::rfc3339;
use crate::base::text::grouped;
use crate::source::discover::Product;
use crate::source::{attributes, go_duration, tempo};
use crate::state::go_to;
use crate::state::search::{MAX_LIMIT, SearchChoice, When, look_back};

/// A field of the form, to say where something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are named like the fields of the draft")]
pub enum Field {
    Service,
    Tags,
    Min,
    Max,
    From,
    To,
    Limit,
    TraceQl,
}

/// The form as it is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Service.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// Attributes.
    pub tags: String,
    /// Least duration.
    pub min: String,
    /// Greatest duration.
    pub max: String,
    /// What is chosen as range: a look-back, `any`, or `range`.
    pub when: String,
    /// Start of a range of its own, in UTC.
    pub from: String,
    /// Its end.
    pub to: String,
    /// Most traces.
    pub limit: String,
    /// Whether the query is used in place of the fields.
    pub uses_traceql: bool,
    /// The query.
    pub traceql: String,
    /// Seconds between two reloads.
    pub every: u32,
}

impl Draft {
    /// The form that was submitted.
    pub fn of(choice: &SearchChoice) -> Self {
        let duration = |nanos: Option<u64>| nanos.map(go_duration::print).unwrap_or_default();
        let (when, from, to) = match choice.when {
            When::Last(nanos) => (go_duration::print(nanos), String::new(), String::new()),
            When::Any => ("any".to_owned(), String::new(), String::new()),
            When::Between(from, to) => ("range".to_owned(), local(from), local(to)),
        };
        Self {
            service: choice.service.clone(),
            operation: choice.operation.clone(),
            tags: choice.tags.clone(),
            min: duration(choice.min),
            max: duration(choice.max),
            when,
            from,
            to,
            limit: choice.limit.to_string(),
            uses_traceql: choice.traceql.is_some(),
            // The field has one line.
            traceql: choice.traceql.as_ref().map(|q| q.replace(['\n', '\r'], " ")).unwrap_or_default(),
            every: choice.every,
        }
    }

    /// Reads the form, or says what is wrong with which fields.
    ///
    /// # Errors
    /// With at least one field and a sentence for it.
    pub fn read(&self, product: Product) -> Result<SearchChoice, Vec<(Field, String)>> {
        let mut wrong = Vec::new();
        let uses_traceql = self.uses_traceql && product == Product::Tempo;
        let mut choice = SearchChoice { every: self.every, ..SearchChoice::default() };
        if uses_traceql {
            choice.traceql = Some(self.traceql.trim().to_owned());
        } else {
            self.read_fields(product, &mut choice, &mut wrong);
        }
        self.read_when(product, &mut choice, &mut wrong);
        match self.limit.trim().parse::<u32>() {
            Ok(limit) if (1..=MAX_LIMIT).contains(&limit) => choice.limit = limit,
            _ => {
                let text = format!("A whole number from 1 to {}", grouped(MAX_LIMIT.into()));
                wrong.push((Field::Limit, text));
            }
        }
        if wrong.is_empty() { Ok(choice) } else { Err(wrong) }
    }

    fn read_fields(&self, product: Product, choice: &mut SearchChoice, wrong: &mut Vec<(Field, String)>) {
        self.service.trim().clone_into(&mut choice.service);
        self.operation.trim().clone_into(&mut choice.operation);
        self.tags.trim().clone_into(&mut choice.tags);
        if product == Product::Jaeger && choice.service.is_empty() {
            wrong.push((Field::Service, "Jaeger searches one service at a time: choose it".to_owned()));
        }
        if let Err(error) = attributes::parse(&self.tags) {
            wrong.push((Field::Tags, sentence(&error.to_string())));
        }
        let mut duration = |text: &str, field: Field| {
            let nanos = go_duration::parse(text);
            if nanos.is_none() && !text.trim().is_empty() {
                let text = "A number with its unit, such as 1.2s, 100ms or 500us".to_owned();
                wrong.push((field, text));
            }
            nanos
        };
        choice.min = duration(&self.min, Field::Min);
        choice.max = duration(&self.max, Field::Max);
        if let (Some(min), Some(max)) = (choice.min, choice.max)
            && min > max
        {
            wrong.push((Field::Max, "Shorter than the least duration".to_owned()));
        }
    }

    fn read_when(&self, product: Product, choice: &mut SearchChoice, wrong: &mut Vec<(Field, String)>) {
        if self.when != "range" {
            choice.when = match self.when.as_str() {
                "any" if product == Product::Tempo => When::Any,
                text => look_back(text).map_or_else(When::default, When::Last),
            };
            return;
        }
        let mut instant = |text: &str, field: Field| {
            let at = go_to::date_time(text.trim()).map(|at| at.0);
            if at.is_none() {
                wrong.push((field, "A date and a time, such as 2026-03-01 12:34:56".to_owned()));
            }
            at
        };
        let (from, to) = (instant(&self.from, Field::From), instant(&self.to, Field::To));
        match (from, to) {
            (Some(from), Some(to)) if from >= to => {
                wrong.push((Field::To, "Not after the start of the range".to_owned()));
            }
            (Some(from), Some(to)) => choice.when = When::Between(from, to),
            _ => {}
        }
    }

    /// When the traces began that are searched for, as far as it is filled in.
    pub fn when(&self) -> When {
        let mut choice = SearchChoice::default();
        self.read_when(Product::Tempo, &mut choice, &mut Vec::new());
        choice.when
    }

    /// What the fields mean in TraceQL, to begin a query with; none when they cannot be read.
    pub fn as_traceql(&self) -> Option<String> {
        let fields = Self { uses_traceql: false, ..self.clone() };
        fields.read(Product::Tempo).ok().map(|choice| tempo::traceql(&choice.form(0)))
    }
}

/// An instant as the field for date and time takes it.
fn local(nanos: i64) -> String {
    rfc3339(nanos).trim_end_matches('Z').to_owned()
}

/// With a capital letter, as texts beside fields begin.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::discover::Backend;
    use crate::source::jaeger;
    use crate::state::search::LOOK_BACKS;

    fn draft() -> Draft {
        Draft::of(&SearchChoice { service: "web".to_owned(), ..SearchChoice::default() })
    }

    #[test]
    fn a_form_is_read_as_it_was_filled_in() {
        let draft = Draft {
            operation: " GET / ".to_owned(),
            tags: "error=true".to_owned(),
            min: "1.5s".to_owned(),
            max: "1m".to_owned(),
            when: "range".to_owned(),
            from: "2026-11-20T23:56".to_owned(),
            to: "2026-11-20 23:57:00.5Z".to_owned(),
            limit: "50".to_owned(),
            ..draft()
        };
        let choice = draft.read(Product::Jaeger).unwrap();
        let query = choice.query(&Backend::Jaeger { api: jaeger::Api::V3 }, 0).path;
        for part in [
            "query.serviceName=web&",
            "query.operationName=GET%20%2F&",
            "query.startTimeMin=2026-11-20T23%3A56%3A00Z&",
            "query.startTimeMax=2026-11-20T23%3A57%3A00.5Z&",
            "query.durationMin=1500ms&query.durationMax=1m&",
            "query.searchDepth=50",
        ] {
            assert!(query.contains(part), "{query}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_beside_its_field() {
        for (change, field, words) in [
            ((|d| d.service.clear()) as fn(&mut Draft), Field::Service, "one service at a time"),
            (|d| d.tags = "error".to_owned(), Field::Tags, "write error=value"),
            (|d| d.min = "5".to_owned(), Field::Min, "with its unit"),
            (|d| (d.min, d.max) = ("2s".to_owned(), "1s".to_owned()), Field::Max, "Shorter"),
            (|d| d.limit = "0".to_owned(), Field::Limit, "from 1 to 10,000"),
            (|d| (d.when, d.to) = ("range".to_owned(), "x".to_owned()), Field::From, "A date"),
        ] {
            let mut draft = draft();
            change(&mut draft);
            let wrong = draft.read(Product::Jaeger).unwrap_err();
            let found = wrong.iter().find(|(of, _)| *of == field);
            assert!(found.is_some_and(|(_, text)| text.contains(words)), "{field:?}: {wrong:?}");
        }
        let mut any = draft();
        any.service.clear();
        assert!(any.read(Product::Tempo).is_ok(), "Tempo needs no service");
    }

    #[test]
    fn the_fields_begin_a_query() {
        let filled = Draft { min: "100ms".to_owned(), ..draft() };
        let expected = r#"{ resource.service.name = "web" && traceDuration >= 100ms }"#;
        assert_eq!(filled.as_traceql().as_deref(), Some(expected));
        let query = Draft { uses_traceql: true, traceql: " { .a } ".to_owned(), ..filled };
        assert_eq!(query.read(Product::Tempo).unwrap().traceql.as_deref(), Some("{ .a }"));
        assert_eq!(query.read(Product::Jaeger).unwrap().traceql, None);
    }

    proptest! {
        #[test]
        fn what_was_submitted_fills_the_form_again(
            min in proptest::option::of(0_u64..1_000_000_000_000), kind in 0_u8..3, seconds in 0_i64..4_000_000_000,
            last in 0_usize..10,
        ) {
            let when = match kind {
                0 => When::Any,
                1 => When::Last(go_duration::parse(LOOK_BACKS[last].0).unwrap()),
                _ => When::Between(seconds * 1_000_000_000, (seconds + 1) * 1_000_000_000),
            };
            let choice = SearchChoice { service: "web".to_owned(), min, when, every: 30, ..SearchChoice::default() };
            let draft = Draft::of(&choice);
            prop_assert!(kind != 1 || draft.when == LOOK_BACKS[last].0, "{}", draft.when);
            prop_assert_eq!(draft.read(Product::Tempo), Ok(choice));
        }
    }
}
