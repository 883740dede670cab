//! The other side of a call as its caller names it, where it records no spans of its own.

use std::borrow::Cow;

use super::{EdgeKind, NodeKind};
use crate::analysis::aliases::Meaning as M;
use crate::analysis::normalise;
use crate::analysis::written::{Written, bits};
use crate::base::hash;
use crate::model::span::SpanKind;

/// What a call without a counterpart in the trace goes to.
#[derive(Clone, Copy)]
pub(super) struct Counterpart<'a> {
    pub(super) node: NodeKind,
    pub(super) edge: EdgeKind,
    /// Product or messaging system; may be empty.
    system: &'a str,
    /// Peer, database or destination as it is written; may be empty.
    name: &'a str,
    /// Whether `name` is a URL of which only host and port count.
    is_url: bool,
    port: Option<i64>,
}

impl<'a> Counterpart<'a> {
    fn new(node: NodeKind, edge: EdgeKind, system: &'a str, name: &'a str) -> Self {
        Self { node, edge, system, name, is_url: false, port: None }
    }

    /// The database that the span queries, if it does.
    pub(super) fn database(written: &Written<'a>) -> Option<Self> {
        let product = written.text(M::DbSystem)?;
        let of = |name| Self::new(NodeKind::Database, EdgeKind::Database, product, name);
        Some(match (written.text(M::PeerName), written.text(M::PeerAddress)) {
            (Some(peer), _) => of(peer),
            (None, Some(address)) => Self { port: written.number(M::PeerPort), ..of(address) },
            (None, None) => of(written.text(M::DbName).unwrap_or_default()),
        })
    }

    /// The queue or topic that a producer names.
    pub(super) fn topic(written: &Written<'a>) -> Option<Self> {
        let destination = written.text(M::MessagingDestination)?;
        let system = written.text(M::MessagingSystem).unwrap_or_default();
        Some(Self::new(NodeKind::Messaging, EdgeKind::Messaging, system, destination))
    }

    /// The queue or topic that any span with messaging attributes is about.
    pub(super) fn messaging(written: &Written<'a>) -> Option<Self> {
        let system = written.text(M::MessagingSystem);
        Self::topic(written)
            .or_else(|| Some(Self::new(NodeKind::Messaging, EdgeKind::Messaging, system?, "")))
    }

    /// What a CLIENT or PRODUCER calls.
    pub(super) fn of_call(written: &Written<'a>, kind: SpanKind) -> Self {
        let is_message = kind == SpanKind::Producer || written.has(bits(&[M::MessagingSystem]));
        let message = || Self::messaging(written).filter(|_| is_message);
        Self::database(written).or_else(message).unwrap_or_else(|| Self::external(written))
    }

    fn external(written: &Written<'a>) -> Self {
        let of = |name| Self::new(NodeKind::External, EdgeKind::External, "", name);
        if let Some(peer) = written.text(M::PeerName) {
            return of(peer);
        }
        if let Some(url) = written.text(M::UrlFull).filter(|url| normalise::authority(url).is_some()) {
            return Self { is_url: true, ..of(url) };
        }
        let others = [M::HttpHost, M::PeerAddress, M::RpcService];
        of(others.into_iter().find_map(|meaning| written.text(meaning)).unwrap_or("unknown"))
    }

    /// Equal for what is written alike; different URLs of one host differ.
    pub(super) fn key(&self) -> u64 {
        let port = self.port.map_or(0, |port| port as u64 + 1);
        let key = hash::mix(hash::mix(self.node as u64, u64::from(self.is_url)), port);
        hash::text(hash::text(key, self.system), self.name)
    }

    /// The name of the node.
    pub(super) fn name(&self) -> String {
        let name = match self.port {
            Some(port) => Cow::Owned(format!("{}:{port}", self.name)),
            None if self.is_url => {
                Cow::Owned(normalise::authority(self.name).unwrap_or_default().to_ascii_lowercase())
            }
            None => Cow::Borrowed(self.name),
        };
        match (self.system, &*name) {
            (system, "") => system.to_owned(),
            ("", name) => name.to_owned(),
            (system, name) => format!("{system}:{name}"),
        }
    }
}
