//! What is wrong between page and backend, in words: what happened, what it means, what to do next, and the piece of
//! configuration that mends it.
//!
//! Read by somebody at three in the morning: the first line must name the cause, the last the next step. Page and
//! worker tell the same.

use super::address::BaseAddress;
use super::discover::Product;
use super::trouble::Trouble;
use super::{Cause, Problem};

/// What the words are about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// Who was asked.
    pub product: Product,
    /// Where.
    pub base: &'a BaseAddress,
    /// Origin of this page.
    pub page: &'a str,
    /// The trace that was asked for.
    pub trace: Option<&'a str>,
    /// Whether a token or a password was sent.
    pub has_credentials: bool,
}

/// A trouble in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Stable code.
    pub code: &'static str,
    /// What happened.
    pub title: String,
    /// What it means, with what the backend says.
    pub reason: String,
    /// What to do next.
    pub advice: String,
    /// Configuration that mends it.
    pub snippet: Option<Snippet>,
}

/// A piece of configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// Where it belongs.
    pub title: String,
    /// To be copied.
    pub text: String,
}

/// The title for a backend that wants to know the tenant.
pub const NO_TENANT: &str = "No tenant was named";

/// Says what is wrong.
pub fn told(trouble: &Trouble, about: &About<'_>) -> Told {
    let (name, base) = (about.product.name(), about.base);
    let host = base.host();
    let text = |title: String, reason: String, advice: String| Told {
        code: trouble.code(),
        title,
        reason,
        advice,
        snippet: None,
    };
    let behind_page = || format!("Put {name} behind the server of this page, so that both have one origin.");
    match trouble {
        Trouble::Answer(problem) => answer(problem, about),
        Trouble::Offline => text(
            "This computer is offline".to_owned(),
            "The browser says that there is no network.".to_owned(),
            "Connect to the network or the VPN and try again. Files can be opened meanwhile.".to_owned(),
        ),
        Trouble::MixedContent => Told {
            snippet: Some(proxy(about)),
            ..text(
                "The browser blocks http from an https page".to_owned(),
                format!("This page came by https and {base} is http, so the request was never sent."),
                format!("Use the https address of {name} if it has one. {}", behind_page()),
            )
        },
        Trouble::Policy => Told {
            snippet: Some(proxy(about)),
            ..text(
                "This page asks http addresses on this computer only".to_owned(),
                format!(
                    "Its security policy allows https anywhere, but http only to localhost, so {base} was not asked."
                ),
                format!("Use the https address of {name} if it has one. {}", behind_page()),
            )
        },
        Trouble::Cors { only_headers } => cors(*only_headers, about, text),
        Trouble::Unreachable => text(
            format!("Nothing answers at {host}"),
            format!("The browser got no answer from {base} and does not tell pages why."),
            format!("{} {}", unreachable(about), untrusted(about)),
        ),
        Trouble::Redirected => text(
            format!("{name} sends this page elsewhere, most likely to a sign-in"),
            format!(
                "{base} answers with a redirect. It was not followed, so nothing you entered went to another server."
            ),
            "Sign in there in another tab and try again, or use the address behind the sign-in. A missing path or http instead of https also redirects."
                .to_owned(),
        ),
        Trouble::TimedOut(seconds) => text(
            format!("{name} did not answer within {seconds} seconds"),
            format!("The request to {host} was given up."),
            "Try again; a shorter time range, a smaller limit or more conditions make searches faster.".to_owned(),
        ),
        Trouble::TooLong(bytes) => text(
            "The answer is too large".to_owned(),
            format!("It has more than {} MB.", bytes >> 20),
            "Ask for less: a smaller limit or a shorter time range.".to_owned(),
        ),
        Trouble::BrokenOff(bytes) => text(
            format!("The answer of {host} broke off"),
            format!("The connection ended after {bytes} bytes; what came until then is kept."),
            "Try again. If it ends at the same place each time, a proxy in between has a time or size limit."
                .to_owned(),
        ),
        Trouble::BadHeader => text(
            "The tenant, token or password cannot be sent".to_owned(),
            "It has characters that no header of HTTP may have, such as a line break.".to_owned(),
            "Copy it again without line breaks and quotes.".to_owned(),
        ),
        Trouble::WrongProduct(other) => text(
            format!("This is {}, not {name}", other.name()),
            format!("{base} answers as {} does.", other.name()),
            format!("Choose {} instead.", other.name()),
        ),
        Trouble::NoSuchName(wanted) => text(
            format!("This page knows no backend named “{wanted}”"),
            "The link names it, but the page's config.json does not.".to_owned(),
            "Enter its address instead, or have it added to config.json.".to_owned(),
        ),
        Trouble::Stopped => {
            text("The request was stopped".to_owned(), "Nothing was loaded.".to_owned(), "Try again.".to_owned())
        }
    }
}

/// Errors that the backend itself, or a proxy before it, answers with.
fn answer(problem: &Problem, about: &About<'_>) -> Told {
    let (name, base, status) = (about.product.name(), about.base, problem.status);
    let host = base.host();
    let says = match problem.message.as_str() {
        "" => String::new(),
        message => format!(" It says: {message}"),
    };
    let (title, reason, advice) = match problem.cause {
        Cause::NotAuthorised if about.has_credentials => (
            format!("{name} does not accept this sign-in"),
            format!("{host} answers {status} to the token or password that was sent.{says}"),
            "Check that it has not expired and is meant for this server.".to_owned(),
        ),
        Cause::NotAuthorised => (
            format!("{name} wants to know who asks"),
            format!("{host} answers {status} (not authorised).{says}"),
            "Enter a bearer token, or user and password.".to_owned(),
        ),
        Cause::NoTenant => (
            NO_TENANT.to_owned(),
            format!("This {name} serves several tenants and answers {status}: {}.", problem.message),
            "Enter the tenant; several are joined by |.".to_owned(),
        ),
        Cause::Forbidden => (
            format!("{name} does not let you read this"),
            format!("{host} answers {status} (forbidden).{says}"),
            "Check the tenant, and whether this token may read traces; a proxy in between may also forbid it."
                .to_owned(),
        ),
        Cause::NotFound => match about.trace {
            Some(id) => (
                format!("{name} does not have this trace"),
                format!("{host} knows no trace {id}.{says}"),
                "Check the id, the environment and the tenant. A trace that has just ended may take a minute to arrive; an old one may be past the retention."
                    .to_owned(),
            ),
            None => (
                "It is not there".to_owned(),
                format!("{host} answers {status} (not found).{says}"),
                "Check the address and the tenant.".to_owned(),
            ),
        },
        Cause::NoSuchPath => (
            format!("There is no {name} at this path"),
            format!("{host} answers, but does not know the paths of {name} below {base}.{says}"),
            format!(
                "Check the port ({}) and the path before /api, such as /{}.",
                usual_port(about.product),
                about.product.word()
            ),
        ),
        Cause::WebPage => (
            "A web page came instead of an answer".to_owned(),
            format!("{base} answers with HTML: a sign-in, the page of a proxy, or another app."),
            format!(
                "If there is a sign-in, sign in in another tab and try again. Otherwise check the port ({}) and the path.",
                usual_port(about.product)
            ),
        ),
        Cause::Query => (
            format!("{name} does not understand the query"),
            match problem.place {
                Some((line, column)) => {
                    format!("At line {line}, column {column}: {}", problem.message)
                }
                None => problem.message.clone(),
            },
            "Correct the query.".to_owned(),
        ),
        Cause::Request => (
            format!("{name} refuses the request"),
            format!("{host} answers {status}.{says}"),
            "Change what is named there and try again.".to_owned(),
        ),
        Cause::TooLarge => (
            format!("The trace is larger than {name} gives out"),
            format!("{host} answers {status}.{says}"),
            match about.product {
                Product::Tempo => {
                    "Have max_bytes_per_trace raised for this tenant; newer versions of Tempo give out the part that fits."
                        .to_owned()
                }
                Product::Jaeger => "Have the limit raised that it names.".to_owned(),
            },
        ),
        Cause::Busy => (
            format!("{name} has too much to do"),
            format!("{host} answers {status}, also after several attempts.{says}"),
            "Wait a moment and try again, with a shorter time range if it is a search.".to_owned(),
        ),
        Cause::NotSupported => (
            format!("The storage of this {name} cannot do that"),
            format!("{host} answers {status} (not implemented).{says}"),
            "Ask otherwise, or open the trace by its id.".to_owned(),
        ),
        Cause::Server => (
            match status {
                502..=504 => format!("A proxy cannot reach {name}"),
                _ => format!("{name} failed"),
            },
            format!("{host} answers {status}.{says}"),
            match status {
                502..=504 => format!("Check that {name} is running and that the proxy has its right address."),
                _ => format!("Try again; if it stays, the log of {name} says more."),
            },
        ),
        Cause::Unreadable => (
            format!("The answer is not one of {name}"),
            format!("{host} answers something else than was asked for.{says}"),
            format!(
                "Check that the address is that of {name} ({}); a proxy may also have cut the answer off.",
                usual_port(about.product)
            ),
        ),
    };
    Told { code: Trouble::Answer(problem.clone()).code(), title, reason, advice, snippet: None }
}

/// Something answers and forbids: the most frequent trouble of all, and the one with a mend to copy.
fn cors(only_headers: bool, about: &About<'_>, text: impl Fn(String, String, String) -> Told) -> Told {
    let (name, base, page) = (about.product.name(), about.base, about.page);
    let title = format!("{name} answers, but does not let this page read it");
    match about.product {
        Product::Tempo if only_headers => Told {
            snippet: Some(proxy(about)),
            ..text(
                title,
                format!(
                    "{base} lets pages of {page} read it, but not with a tenant or a sign-in (CORS). Tempo itself has no setting for it, so a proxy before it decides."
                ),
                "Have the proxy name X-Scope-OrgID and Authorization in Access-Control-Allow-Headers and answer OPTIONS itself; or put Tempo behind the server of this page as below."
                    .to_owned(),
            )
        },
        Product::Tempo => Told {
            snippet: Some(proxy(about)),
            ..text(
                title,
                format!(
                    "Something answers at {base}, but without the permission (CORS) that the browser wants for pages of {page}. Tempo has no setting for it."
                ),
                format!(
                    "Put Tempo behind the server of this page and connect to {page}/tempo/. The lines below do it."
                ),
            )
        },
        Product::Jaeger => Told {
            snippet: Some(jaeger_cors(about)),
            ..text(
                title,
                if only_headers {
                    format!("{base} lets pages of {page} read it, but not with a tenant or a sign-in (CORS).")
                } else {
                    format!(
                        "Something answers at {base}, but without the permission (CORS) that the browser wants for pages of {page}."
                    )
                },
                "Allow this page in the configuration of Jaeger as below, or put Jaeger behind the server of this page."
                    .to_owned(),
            )
        },
    }
}

fn unreachable(about: &About<'_>) -> String {
    let product = about.product;
    if about.base.is_this_computer() {
        // A page of another host: some browsers want to be asked, one refuses.
        let permission = if about.page.starts_with("https:") {
            " The browser may want your permission for pages to reach this computer; Safari never gives it."
        } else {
            ""
        };
        return format!(
            "Check that {} runs on this computer ({}); for a cluster: {}{permission}",
            product.name(),
            usual_port(product),
            match product {
                Product::Jaeger => "kubectl port-forward service/jaeger-query 16686.",
                Product::Tempo => "kubectl port-forward service/tempo 3200.",
            }
        );
    }
    format!("Check the name and the port ({}), the VPN, and that it is running.", usual_port(product))
}

/// The cause that only a tab of its own reveals.
fn untrusted(about: &About<'_>) -> &'static str {
    if about.base.origin().starts_with("https:") {
        "If its certificate is not trusted, opening the address in a tab shows that."
    } else {
        ""
    }
}

const fn usual_port(product: Product) -> &'static str {
    match product {
        Product::Jaeger => "usually 16686",
        Product::Tempo => "usually 3200",
    }
}

/// The backend below a path of the page's own server.
fn proxy(about: &About<'_>) -> Snippet {
    let (word, base) = (about.product.word(), about.base);
    // Without a name the server of the other side cannot choose its certificate.
    let tls = if base.origin().starts_with("https:") { "    proxy_ssl_server_name on;\n" } else { "" };
    Snippet {
        title: format!("nginx, in the server of this page; then connect to {}/{word}/", about.page),
        text: format!(
            "location /{word}/ {{\n    proxy_pass {base};\n    proxy_http_version 1.1;\n    proxy_read_timeout 120s;\n{tls}}}\n"
        ),
    }
}

/// Jaeger's own setting.
fn jaeger_cors(about: &About<'_>) -> Snippet {
    Snippet {
        title: "Jaeger 2, in its configuration".to_owned(),
        text: format!(
            "extensions:\n  jaeger_query:\n    http:\n      cors:\n        allowed_origins: [\"{}\"]\n        allowed_headers: [\"Authorization\", \"x-tenant\"]\n",
            about.page
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> BaseAddress {
        BaseAddress::parse(text).expect("an address")
    }

    fn all(product: Product) -> Vec<Trouble> {
        let causes = [
            Cause::NotAuthorised,
            Cause::NoTenant,
            Cause::Forbidden,
            Cause::NotFound,
            Cause::NoSuchPath,
            Cause::WebPage,
            Cause::Query,
            Cause::Request,
            Cause::TooLarge,
            Cause::Busy,
            Cause::NotSupported,
            Cause::Server,
            Cause::Unreadable,
        ];
        let problem = |cause| {
            Trouble::Answer(Problem {
                cause,
                status: 499,
                message: "the server says so".to_owned(),
                place: None,
            })
        };
        let mut all: Vec<Trouble> = causes.into_iter().map(problem).collect();
        all.extend([
            Trouble::Offline,
            Trouble::MixedContent,
            Trouble::Policy,
            Trouble::Cors { only_headers: false },
            Trouble::Cors { only_headers: true },
            Trouble::Unreachable,
            Trouble::Redirected,
            Trouble::TimedOut(10),
            Trouble::TooLong(64 << 20),
            Trouble::BrokenOff(5),
            Trouble::BadHeader,
            Trouble::WrongProduct(product),
            Trouble::NoSuchName("prod".to_owned()),
            Trouble::Stopped,
        ]);
        all
    }

    #[test]
    fn every_trouble_has_a_cause_a_meaning_and_a_next_step_of_its_own() {
        for product in [Product::Jaeger, Product::Tempo] {
            let base = base("https://traces.example.org/base");
            let about =
                About { product, base: &base, page: "https://page", trace: None, has_credentials: false };
            let mut titles: Vec<(String, String)> = Vec::new();
            for trouble in all(product) {
                let told = told(&trouble, &about);
                for text in [&told.title, &told.reason, &told.advice] {
                    assert!(text.len() > 8, "{trouble:?}: {text}");
                }
                assert!(!told.title.ends_with('.') && told.advice.ends_with('.'), "{told:?}");
                titles.push((told.title, told.reason));
            }
            let n = titles.len();
            titles.sort();
            titles.dedup();
            assert_eq!(titles.len(), n, "two read alike");
        }
    }

    #[test]
    fn what_the_backend_says_is_passed_on() {
        let base = base("http://localhost:3200");
        let about = About {
            product: Product::Tempo,
            base: &base,
            page: "http://localhost:8080",
            trace: Some("4bf92f35"),
            has_credentials: true,
        };
        let problem =
            Problem { cause: Cause::NotFound, status: 404, message: "no such".to_owned(), place: None };
        let told = told(&Trouble::Answer(problem), &about);
        assert_eq!(told.title, "Tempo does not have this trace");
        assert!(told.reason.contains("4bf92f35") && told.reason.contains("no such"), "{told:?}");
        assert_eq!(told.code, "fetch.notfound");
    }

    #[test]
    fn mends_name_this_page_and_this_backend() {
        let base = base("http://localhost:3200/base");
        let about = |product| About {
            product,
            base: &base,
            page: "https://page.example",
            trace: None,
            has_credentials: false,
        };
        let cors = Trouble::Cors { only_headers: false };
        let tempo = told(&cors, &about(Product::Tempo)).snippet.expect("a snippet").text;
        assert!(tempo.contains("proxy_pass http://localhost:3200/base/;"), "{tempo}");
        let jaeger = told(&cors, &about(Product::Jaeger)).snippet.expect("a snippet").text;
        assert!(jaeger.contains("allowed_origins: [\"https://page.example\"]"), "{jaeger}");
    }
}
