//! Typed positions in the columns of the model.

use crate::index_type;

index_type! {
    /// Position of a span: in its [`super::trace_set::TraceSet`] or, where a function takes a
    /// [`super::trace::Trace`], in that trace. Spans are in tree order: parents precede children.
    SpanIdx
}
index_type! {
    /// Position of a trace in its [`super::trace_set::TraceSet`].
    TraceIdx
}
index_type! {
    /// Position of an interned string.
    StringIdx
}
index_type! {
    /// Position of a service, by which spans are coloured and counted.
    ServiceIdx
}
index_type! {
    /// Position of a resource. Reserved when its spans are read, filled when the resource itself is.
    ResourceIdx
}
index_type! {
    /// Position of an instrumentation scope.
    ScopeIdx
}
index_type! {
    /// Position of a file, or of a member of an archive, among what was opened.
    SourceIdx
}
index_type! {
    /// Number of a record in the order of reading.
    RecordIdx
}
