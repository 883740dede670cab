//! How the graph of services is looked at: kept in the address.

use crate::view::graph::text::Colouring;
use crate::view::graph::{Node, NodeKind};

/// The choices about the graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GraphChoice {
    /// What is shown of it.
    pub form: Form,
    /// What the grounds of nodes show.
    pub colouring: Colouring,
    /// The chosen node.
    pub node: Option<NodeName>,
    /// Only nodes at most so many edges away from the chosen one; 0 for all.
    pub depth: u32,
    /// The service that is told by its operations.
    pub service: Option<String>,
    /// Edges with fewer calls are left out.
    pub least_calls: u32,
    /// Nodes with less than a hundredth of the critical path are left out.
    pub hides_small: bool,
}

/// In what form the graph is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Drawn.
    #[default]
    Picture,
    /// A table of nodes.
    Nodes,
    /// A table of edges.
    Calls,
}

/// Which node: what finds it again in another graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeName {
    /// What it stands for.
    pub kind: NodeKind,
    /// Name of the service or of what is called.
    pub name: String,
    /// Operation, where the service is told by them.
    pub operation: String,
}

/// Words for the forms.
const FORMS: [(Form, &str); 3] = [(Form::Picture, "picture"), (Form::Nodes, "nodes"), (Form::Calls, "calls")];
/// Words for what grounds show.
const COLOURINGS: [(Colouring, &str); 3] =
    [(Colouring::Critical, "critical"), (Colouring::SelfTime, "self"), (Colouring::Errors, "errors")];
/// Kinds of nodes with their words.
const KINDS: [NodeKind; 6] = [
    NodeKind::Database,
    NodeKind::External,
    NodeKind::Messaging,
    NodeKind::Missing,
    NodeKind::Service,
    NodeKind::User,
];
/// Longest name in a link.
const MAX_NAME: usize = 300;
/// Largest distance that can be chosen.
const MAX_DEPTH: u32 = 9;

impl NodeName {
    /// The name of a node.
    pub fn of(node: &Node) -> Self {
        Self { kind: node.kind, name: node.name.clone(), operation: node.operation.clone() }
    }

    /// Whether it is the name of a node.
    pub fn is(&self, node: &Node) -> bool {
        self.kind == node.kind && self.name == node.name && self.operation == node.operation
    }
}

/// The keys and values of a link, for what is not as it is anyway.
pub(super) fn print(choice: &GraphChoice) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    let word = |words: &[(Form, &'static str)]| words.iter().find(|w| w.0 == choice.form).map(|w| w.1);
    if let Some(word) = word(&FORMS).filter(|_| choice.form != Form::default()) {
        pairs.push(("as", word.to_owned()));
    }
    let colouring = COLOURINGS.iter().find(|c| c.0 == choice.colouring && c.0 != Colouring::default());
    pairs.extend(colouring.map(|c| ("ground", c.1.to_owned())));
    let is_short = |text: &&String| !text.is_empty() && text.chars().count() <= MAX_NAME;
    pairs.extend(choice.service.as_ref().filter(is_short).map(|service| ("in", service.clone())));
    // An operation is one of the service that is told by them.
    let node = choice.node.as_ref().map(|node| match node.operation.as_str() {
        "" => format!("{}:{}", node.kind.word(), node.name),
        operation => format!("operation:{operation}"),
    });
    pairs.extend(node.filter(|n| n.chars().count() <= MAX_NAME).map(|node| ("node", node)));
    if choice.depth > 0 {
        pairs.push(("near", choice.depth.to_string()));
    }
    if choice.least_calls > 1 {
        pairs.push(("calls", choice.least_calls.to_string()));
    }
    if choice.hides_small {
        pairs.push(("small", "hide".to_owned()));
    }
    pairs
}

/// Takes a key of a link; none where the value is none of it. Keys come in any order, so an operation gets
/// its service with [`finish`].
pub(super) fn read(choice: &mut GraphChoice, key: &str, value: &str) -> Option<()> {
    match key {
        "as" => choice.form = FORMS.iter().find(|f| f.1 == value)?.0,
        "ground" => choice.colouring = COLOURINGS.iter().find(|c| c.1 == value)?.0,
        "in" if !value.is_empty() && value.chars().count() <= MAX_NAME => {
            choice.service = Some(value.to_owned());
        }
        "node" if value.chars().count() <= MAX_NAME => {
            let (kind, name) = value.split_once(':')?;
            let node = match KINDS.into_iter().find(|k| k.word() == kind) {
                Some(kind) => NodeName { kind, name: name.to_owned(), operation: String::new() },
                None if kind == "operation" && !name.is_empty() => {
                    NodeName { kind: NodeKind::Service, name: String::new(), operation: name.to_owned() }
                }
                None => return None,
            };
            choice.node = Some(node);
        }
        "near" => choice.depth = value.parse().ok().filter(|depth| (1..=MAX_DEPTH).contains(depth))?,
        "calls" => choice.least_calls = value.parse().ok().filter(|least| *least > 1)?,
        "small" if value == "hide" => choice.hides_small = true,
        _ => return None,
    }
    Some(())
}

/// Puts together what came in any order.
pub(super) fn finish(choice: &mut GraphChoice) {
    let is_operation = choice.node.as_ref().is_some_and(|node| !node.operation.is_empty());
    match (&choice.service, &mut choice.node) {
        (Some(service), Some(node)) if is_operation => node.name.clone_from(service),
        (None, _) if is_operation => choice.node = None,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_link_gives_the_choice_again(
            form in 0_usize..3, colouring in 0_usize..3, kind in 0_usize..6,
            name in ".{0,20}", operation in ".{0,20}", service in proptest::option::of(".{1,20}"),
            depth in 0_u32..10, least in 0_u32..9, hides_small: bool,
        ) {
            let has_node = service.is_some() || operation.is_empty();
            let is_operation = service.is_some() && !operation.is_empty();
            let node = has_node.then(|| NodeName {
                kind: if is_operation { NodeKind::Service } else { KINDS[kind] },
                name: if is_operation { service.clone().unwrap() } else { name.clone() },
                operation: if is_operation { operation.clone() } else { String::new() },
            });
            let choice = GraphChoice {
                form: FORMS[form].0,
                colouring: COLOURINGS[colouring].0,
                node,
                depth,
                service,
                least_calls: if least > 1 { least } else { 0 },
                hides_small,
            };
            let mut again = GraphChoice::default();
            for (key, value) in print(&choice).into_iter().rev() {
                prop_assert_eq!(read(&mut again, key, &value), Some(()), "{}={}", key, value);
            }
            finish(&mut again);
            prop_assert_eq!(again, choice);
        }
    }
}
