//! Span names that say nothing of what was done.

/// In alphabetical order.
const VAGUE: &[&str] = &[
    "",
    "<anonymous>",
    "anonymous",
    "call",
    "callback",
    "default",
    "delete",
    "do",
    "do_stuff",
    "dostuff",
    "exec",
    "execute",
    "fetch",
    "func",
    "function",
    "get",
    "grpc",
    "handle",
    "handler",
    "head",
    "http",
    "http get",
    "http post",
    "internal",
    "invoke",
    "job",
    "loop",
    "main",
    "method",
    "middleware",
    "next",
    "op",
    "operation",
    "options",
    "patch",
    "post",
    "process",
    "process_item",
    "put",
    "query",
    "request",
    "response",
    "run",
    "span",
    "start",
    "step",
    "task",
    "test",
    "unknown",
    "work",
    "wrapper",
];

/// Whether a span with this name has to be opened to learn what it is.
pub fn is_vague(name: &str) -> bool {
    VAGUE.binary_search(&name.to_lowercase().as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_nothing_are_known_in_any_case() {
        assert!(VAGUE.is_sorted());
        for name in ["", "Process", "HTTP GET", "do_stuff", "<anonymous>"] {
            assert!(is_vague(name), "{name}");
        }
        for name in ["GET /users/{id}", "fetch-user-profile", "insert-order-db"] {
            assert!(!is_vague(name), "{name}");
        }
    }
}
