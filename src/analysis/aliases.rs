//! Old and new names of attributes: what is asked for by meaning is found under any of its names.

use crate::model::index::StringIdx;
use crate::model::trace_set::TraceSet;

/// What an attribute says, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names are in the table below")]
pub enum Meaning {
    HttpMethod,
    HttpStatus,
    UrlFull,
    UrlPath,
    Route,
    RequestSize,
    ResponseSize,
    DbSystem,
    DbText,
    DbSummary,
    DbOperation,
    DbCollection,
    DbName,
    RpcSystem,
    RpcService,
    RpcMethod,
    RpcStatus,
    MessagingSystem,
    MessagingDestination,
    MessagingOperation,
    PeerName,
    HttpHost,
    PeerAddress,
    PeerPort,
    Error,
    ErrorType,
    ErrorMessage,
    ExceptionType,
    ExceptionMessage,
}

use Meaning as M;

/// Number of meanings.
pub const N_MEANINGS: usize = TABLE.len();

/// The names of every meaning, in the order of the enum; the first that a span has counts. The last two are
/// looked for in events, the others in spans.
const TABLE: &[(Meaning, &[&str])] = &[
    (M::HttpMethod, &["http.request.method", "http.method"]),
    (M::HttpStatus, &["http.response.status_code", "http.status_code"]),
    (M::UrlFull, &["url.full", "http.url"]),
    (M::UrlPath, &["url.path", "http.target"]),
    (M::Route, &["url.template", "http.route"]),
    (M::RequestSize, &["http.request.body.size", "http.request_content_length"]),
    (M::ResponseSize, &["http.response.body.size", "http.response_content_length"]),
    (M::DbSystem, &["db.system.name", "db.system"]),
    (M::DbText, &["db.query.text", "db.statement"]),
    (M::DbSummary, &["db.query.summary"]),
    (M::DbOperation, &["db.operation.name", "db.operation"]),
    (M::DbCollection, &["db.collection.name", "db.sql.table", "db.mongodb.collection", "db.cassandra.table"]),
    (M::DbName, &["db.namespace", "db.name"]),
    (M::RpcSystem, &["rpc.system.name", "rpc.system"]),
    (M::RpcService, &["rpc.service"]),
    (M::RpcMethod, &["rpc.method"]),
    (M::RpcStatus, &["rpc.status_code", "rpc.response.status_code", "rpc.grpc.status_code"]),
    (M::MessagingSystem, &["messaging.system"]),
    (M::MessagingDestination, &["messaging.destination.name", "messaging.destination"]),
    (M::MessagingOperation, &["messaging.operation.type", "messaging.operation"]),
    (M::PeerName, &["service.peer.name", "peer.service", "server.address", "net.peer.name"]),
    (M::HttpHost, &["http.host"]),
    (M::PeerAddress, &["network.peer.address", "net.sock.peer.addr", "net.peer.ip"]),
    (M::PeerPort, &["network.peer.port", "net.sock.peer.port", "net.peer.port"]),
    (M::Error, &["error"]),
    (M::ErrorType, &["error.type", "exception.type", "error.kind"]),
    (M::ErrorMessage, &["error.message", "exception.message", "error.object"]),
    (M::ExceptionType, &["exception.type", "error.kind"]),
    (M::ExceptionMessage, &["exception.message", "message", "error.object"]),
];

/// Names that the semantic conventions replaced, with the present ones.
pub const RENAMED: &[(&str, &str)] = &[
    ("db.cassandra.table", "db.collection.name"),
    ("db.mongodb.collection", "db.collection.name"),
    ("db.name", "db.namespace"),
    ("db.operation", "db.operation.name"),
    ("db.sql.table", "db.collection.name"),
    ("db.statement", "db.query.text"),
    ("db.system", "db.system.name"),
    ("deployment.environment", "deployment.environment.name"),
    ("http.client_ip", "client.address"),
    ("http.method", "http.request.method"),
    ("http.request_content_length", "http.request.body.size"),
    ("http.response_content_length", "http.response.body.size"),
    ("http.scheme", "url.scheme"),
    ("http.status_code", "http.response.status_code"),
    ("http.target", "url.path"),
    ("http.url", "url.full"),
    ("http.user_agent", "user_agent.original"),
    ("messaging.destination", "messaging.destination.name"),
    ("messaging.kafka.consumer.group", "messaging.consumer.group.name"),
    ("messaging.operation", "messaging.operation.type"),
    ("net.peer.ip", "network.peer.address"),
    ("net.peer.name", "server.address"),
    ("net.peer.port", "server.port"),
    ("net.sock.peer.addr", "network.peer.address"),
    ("net.sock.peer.port", "network.peer.port"),
    ("peer.service", "service.peer.name"),
    ("rpc.grpc.status_code", "rpc.response.status_code"),
    ("rpc.system", "rpc.system.name"),
];

/// The present name of an attribute that goes by an old one.
pub fn new_name(key: &str) -> Option<&'static str> {
    RENAMED.binary_search_by_key(&key, |r| r.0).ok().and_then(|at| RENAMED.get(at)).map(|r| r.1)
}

/// What a key means, and its place among the names with that meaning: less is better.
type Place = Option<(Meaning, u8)>;

/// Meanings of keys by their index: each key of a set is looked up once.
#[derive(Clone, Debug, Default)]
pub struct Meanings {
    /// By key, once it was met: what it means for a span and for an event. Grows as keys are met.
    known: Vec<Option<[Place; 2]>>,
}

impl Meanings {
    /// The meaning of a key, for a span or for an event.
    #[inline]
    pub fn of(&mut self, set: &TraceSet, key: StringIdx, of_event: bool) -> Place {
        let known = match self.known.get(key.at()) {
            Some(Some(known)) => *known,
            _ => self.look_up(set, key),
        };
        known[usize::from(of_event)]
    }

    #[cold]
    fn look_up(&mut self, set: &TraceSet, key: StringIdx) -> [Place; 2] {
        if self.known.len() <= key.at() {
            self.known.resize(key.at() + 1, None);
        }
        let name = set.key(key);
        let mut found = [None; 2];
        for (meaning, names) in TABLE {
            let of_event = matches!(meaning, M::ExceptionType | M::ExceptionMessage);
            if let Some(rank) = names.iter().position(|n| *n == name) {
                found[usize::from(of_event)] = Some((*meaning, rank as u8));
            }
        }
        self.known[key.at()] = Some(found);
        found
    }
}
