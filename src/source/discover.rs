//! Finding out what is at an address, once per backend: which product, which version of its API.
//!
//! A product is asked for what only it answers. The steps are a value that takes one answer at a time, so that they
//! can be tested without a network.

use super::{Answer, Cause, Problem, Query, jaeger, tempo};

/// What the person says is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Product {
    /// Jaeger.
    #[default]
    Jaeger,
    /// Tempo.
    Tempo,
}

impl Product {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Jaeger, Self::Tempo];

    /// The word for it in links, paths and configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Jaeger => "jaeger",
            Self::Tempo => "tempo",
        }
    }

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jaeger => "Jaeger",
            Self::Tempo => "Tempo",
        }
    }
}

/// What is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// Jaeger, and the paths it has.
    Jaeger {
        /// Which.
        api: jaeger::Api,
    },
    /// Tempo.
    Tempo {
        /// As it says; empty when it does not.
        version: String,
    },
}

/// What is known after an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask this next.
    Ask(Query),
    /// This is there.
    Is(Backend),
    /// The other product answers: the person chose the wrong one.
    IsOther(Product),
    /// Nothing usable is there.
    Failed(Problem),
}

/// The questions, each with what it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    SummariesOfV3,
    ServicesOfLegacy,
    Echo,
    /// Its answer decides whether who asks may ask, which the echo does not.
    TagsOfTempo,
    BuildInfo,
    /// After the product did not answer: is it the other one?
    Other,
}

/// The search for what is there.
#[derive(Clone, Debug)]
pub struct Discovery {
    product: Product,
    asked: Asked,
    problem: Option<Problem>,
}

impl Discovery {
    /// Begins with the first question.
    pub fn new(product: Product) -> (Self, Query) {
        let (asked, query) = match product {
            Product::Jaeger => (Asked::SummariesOfV3, summaries()),
            Product::Tempo => (Asked::Echo, tempo::echo()),
        };
        (Self { product, asked, problem: None }, query)
    }

    /// Takes the answer to the last question. Terminates: each question is asked at most once.
    pub fn take(&mut self, answer: &Answer<'_>) -> Step {
        match self.asked {
            // Without a service Jaeger refuses the search: but a Jaeger without the path does not know it at all.
            Asked::SummariesOfV3 => match jaeger::read_summaries(answer) {
                Ok(_) => Step::Is(Backend::Jaeger { api: jaeger::Api::V3 }),
                Err(p) if is_refusal_of_jaeger(&p, answer) => {
                    Step::Is(Backend::Jaeger { api: jaeger::Api::V3 })
                }
                Err(problem) => match problem.cause {
                    Cause::NoSuchPath
                    | Cause::NotFound
                    | Cause::WebPage
                    | Cause::Unreadable
                    | Cause::Request => {
                        self.ask(Asked::ServicesOfLegacy, jaeger::services(jaeger::Api::Legacy), problem)
                    }
                    _ => Step::Failed(problem),
                },
            },
            Asked::ServicesOfLegacy => match jaeger::read_services(jaeger::Api::Legacy, answer) {
                Ok(_) => Step::Is(Backend::Jaeger { api: jaeger::Api::Legacy }),
                Err(problem) => self.ask_other(problem),
            },
            Asked::Echo => match tempo::read_echo(answer) {
                Ok(()) => {
                    self.asked = Asked::TagsOfTempo;
                    Step::Ask(Query::json("api/v2/search/tags").with("scope", "intrinsic"))
                }
                Err(problem) => match problem.cause {
                    Cause::NotAuthorised | Cause::Forbidden | Cause::Busy | Cause::Server => {
                        Step::Failed(problem)
                    }
                    _ => self.ask_other(problem),
                },
            },
            Asked::TagsOfTempo => match tempo::read_tags(answer) {
                Ok(_) => {
                    self.asked = Asked::BuildInfo;
                    Step::Ask(tempo::build_info())
                }
                Err(problem) => Step::Failed(problem),
            },
            // Proxies often hide it, so its absence means nothing.
            Asked::BuildInfo => {
                Step::Is(Backend::Tempo { version: tempo::read_build_info(answer).unwrap_or_default() })
            }
            Asked::Other => {
                let is_other = match self.product {
                    Product::Jaeger => tempo::read_echo(answer).is_ok(),
                    Product::Tempo => {
                        jaeger::read_services(jaeger::Api::V3, answer).is_ok()
                            || jaeger::read_services(jaeger::Api::Legacy, answer).is_ok()
                    }
                };
                if is_other {
                    return Step::IsOther(match self.product {
                        Product::Jaeger => Product::Tempo,
                        Product::Tempo => Product::Jaeger,
                    });
                }
                Step::Failed(self.problem.take().unwrap_or_else(|| Problem::from(Cause::NoSuchPath)))
            }
        }
    }

    fn ask(&mut self, asked: Asked, query: Query, problem: Problem) -> Step {
        self.asked = asked;
        self.problem = Some(problem);
        Step::Ask(query)
    }

    /// The first problem is the one to tell: later questions were only asked because of it.
    fn ask_other(&mut self, problem: Problem) -> Step {
        let first = self.problem.take().unwrap_or(problem);
        let query = match self.product {
            Product::Jaeger => tempo::echo(),
            Product::Tempo => jaeger::services(jaeger::Api::V3),
        };
        self.ask(Asked::Other, query, first)
    }
}

/// Summaries of nothing: one trace of the first second of 1970.
fn summaries() -> Query {
    let form =
        super::search::SearchForm { to: 1_000_000_000, limit: 1, ..super::search::SearchForm::default() };
    jaeger::search(jaeger::Api::V3, &form)
}

/// Whether Jaeger's version 3 itself says no: in the JSON of its errors, and not because the path is unknown.
fn is_refusal_of_jaeger(problem: &Problem, answer: &Answer<'_>) -> bool {
    let is_its_error = serde_json::from_slice::<serde_json::Value>(answer.body)
        .is_ok_and(|body| body.get("error").is_some_and(|error| error.get("httpCode").is_some()));
    is_its_error && matches!(problem.cause, Cause::Request | Cause::Query | Cause::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays a backend: the first path that is a prefix of the question's answers, all else is not there.
    fn discover(product: Product, paths: &[(&str, u16, &str)]) -> (Step, usize) {
        let (mut discovery, mut query) = Discovery::new(product);
        for n in 1..10 {
            let found = paths.iter().find(|(path, ..)| query.path.starts_with(path));
            let &(_, status, body) = found.unwrap_or(&("", 404, "404 page not found\n"));
            match discovery.take(&Answer { status, content_type: "text/plain", body: body.as_bytes() }) {
                Step::Ask(next) => query = next,
                step => return (step, n),
            }
        }
        panic!("asks for ever");
    }

    #[test]
    fn products_and_versions_are_told_apart() {
        let jaeger = |api| Step::Is(Backend::Jaeger { api });
        let tempo = |version: &str| Step::Is(Backend::Tempo { version: version.to_owned() });
        let v3: &[_] = &[
            ("api/v3/trace-summaries", 200, r#"{"summaries":[]}"#),
            ("api/v3/services", 200, r#"{"services":[]}"#),
        ];
        let strict: &[_] = &[(
            "api/v3/trace-summaries",
            400,
            r#"{"error":{"httpCode":400,"message":"service name is required"}}"#,
        )];
        let legacy: &[_] = &[("api/services", 200, r#"{"data":["a"],"errors":null}"#)];
        let tempo_3: &[_] = &[
            ("api/echo", 200, "echo"),
            ("api/v2/search/tags", 200, r#"{"scopes":[]}"#),
            ("api/status/buildinfo", 200, r#"{"version":"v3.0.3"}"#),
        ];
        for (product, paths, expected) in [
            (Product::Jaeger, v3, jaeger(jaeger::Api::V3)),
            (Product::Jaeger, strict, jaeger(jaeger::Api::V3)),
            (Product::Jaeger, legacy, jaeger(jaeger::Api::Legacy)),
            (Product::Jaeger, tempo_3, Step::IsOther(Product::Tempo)),
            (Product::Tempo, tempo_3, tempo("3.0.3")),
            (Product::Tempo, tempo_3.get(..2).unwrap(), tempo("")),
            (Product::Tempo, v3, Step::IsOther(Product::Jaeger)),
        ] {
            assert_eq!(discover(product, paths).0, expected, "{product:?} {paths:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_the_first_problem() {
        for (product, paths, expected) in [
            (Product::Tempo, &[][..], Cause::NoSuchPath),
            (Product::Jaeger, &[], Cause::NoSuchPath),
            (Product::Tempo, &[("api/", 401, "no org id")], Cause::NoTenant),
            (Product::Tempo, &[("api/echo", 200, "echo"), ("api/v2", 401, "no org id")], Cause::NoTenant),
            (Product::Tempo, &[("api/", 503, "")], Cause::Busy),
            (Product::Jaeger, &[("api/", 401, "")], Cause::NotAuthorised),
            (Product::Tempo, &[("api/", 200, "<html>Sign in</html>")], Cause::WebPage),
            (Product::Jaeger, &[("api/", 200, "<html>Sign in</html>")], Cause::WebPage),
        ] {
            let (Step::Failed(problem), _) = discover(product, paths) else {
                panic!("{product:?} {paths:?}")
            };
            assert_eq!(problem.cause, expected, "{product:?} {paths:?}");
        }
    }
}
