//! From caller to called and back: where the work went on, across the border of a service.

use crate::model::index::SpanIdx;
use crate::model::trace::Trace;

/// The first span below `span`, in display order, that another service than its parent's has: the call that
/// leaves the service. O(subtree).
pub fn called(trace: &Trace, span: SpanIdx) -> Option<SpanIdx> {
    let below = span.0 + 1..span.0 + trace.subtree_size(span);
    below.map(SpanIdx).find(|&s| {
        let parent = trace.parent(s).filter(|&p| !trace.is_placeholder(p));
        !trace.is_placeholder(s) && parent.is_some_and(|p| trace.service(p) != trace.service(s))
    })
}

/// The nearest span above `span` that another service has: what called into this one. O(depth).
pub fn caller(trace: &Trace, span: SpanIdx) -> Option<SpanIdx> {
    let service = trace.service(span);
    std::iter::successors(trace.parent(span), |&s| trace.parent(s))
        .filter(|&s| !trace.is_placeholder(s))
        .find(|&s| trace.service(s) != service)
}

#[cfg(test)]
mod tests {
    use super::super::drawing;
    use super::*;

    #[test]
    fn calls_are_followed_across_services() {
        let trace = drawing::trace(
            "web GET 0..100
  web render 0..10
  web call 10..90
    cart list 20..80
      cart check 20..30
      db SELECT 40..70
  gone parent 95..95 ~
    mail send 95..99",
        );
        for (span, forward, back) in [
            (0, Some(3), None),
            (1, None, None),
            (2, Some(3), None),
            (3, Some(5), Some(2)),
            (4, None, Some(2)),
            (5, None, Some(3)),
            (7, None, Some(0)),
        ] {
            assert_eq!(called(&trace, SpanIdx(span)), forward.map(SpanIdx), "from {span}");
            assert_eq!(caller(&trace, SpanIdx(span)), back.map(SpanIdx), "to {span}");
        }
    }
}
