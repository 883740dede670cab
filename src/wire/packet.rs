//! The envelope: a packed message and the buffers that travel beside it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Request, Response, VERSION, WireError};

/// A message as it crosses the thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packet {
    /// Version, generation, message, packed one after the other.
    pub head: Vec<u8>,
    /// Moved, not copied.
    pub buffers: Vec<Vec<u8>>,
}

/// What a packet says. The version comes first, so that it can be read whatever follows. The generation names the opening that a message belongs to: what arrives of an older
/// one is dropped.
#[derive(Serialize, Deserialize)]
struct Head<T> {
    version: u32,
    generation: u32,
    message: T,
}

impl Packet {
    /// Packs a request.
    pub fn request(generation: u32, request: &Request) -> Result<Self, WireError> {
        Ok(Self { head: write(generation, request)?, buffers: Vec::new() })
    }

    /// Packs a response; its columns move into the buffers.
    pub fn response(generation: u32, mut response: Response) -> Result<Self, WireError> {
        let buffers = response.buffer_mut().map(std::mem::take).into_iter().collect();
        Ok(Self { head: write(generation, &response)?, buffers })
    }

    /// The generation and the request in `head`.
    pub fn read_request(head: &[u8]) -> Result<(u32, Request), WireError> {
        read(head)
    }

    /// The generation and the response.
    pub fn read_response(self) -> Result<(u32, Response), WireError> {
        let (generation, mut response) = read::<Response>(&self.head)?;
        if let Some(buffer) = response.buffer_mut() {
            let Some(bytes) = self.buffers.into_iter().next() else {
                return Err(WireError::Broken { reason: "the buffer is missing".to_owned() });
            };
            *buffer = bytes;
        }
        Ok((generation, response))
    }
}

fn write<T: Serialize>(generation: u32, message: T) -> Result<Vec<u8>, WireError> {
    let head = Head { version: VERSION, generation, message };
    postcard::to_allocvec(&head).map_err(|e| WireError::Unreadable { reason: e.to_string() })
}

fn read<T: DeserializeOwned>(head: &[u8]) -> Result<(u32, T), WireError> {
    let unreadable = |e: postcard::Error| WireError::Unreadable { reason: e.to_string() };
    let (theirs, _) = postcard::take_from_bytes::<u32>(head).map_err(unreadable)?;
    if theirs != VERSION {
        return Err(WireError::Version { ours: VERSION, theirs });
    }
    let Head { generation, message, .. } = postcard::from_bytes(head).map_err(unreadable)?;
    Ok((generation, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::analysis::{
        AnalysisPart, AnalysisSettings, Check, FindingMessage, Matching, Piece, Scenario, WhatIfTotals,
    };
    use crate::wire::{Phase, Progress};

    #[test]
    fn another_version_is_refused_whatever_it_says() {
        let head = [99, 1, 200, 200, 200];
        assert_eq!(Packet::read_request(&head), Err(WireError::Version { ours: VERSION, theirs: 99 }));
    }

    #[test]
    fn requests_come_back() {
        for request in [
            Request::Open { names: vec!["a.json".into()], total: Some(3), first_revision: 4096 },
            Request::Cancel,
            Request::OpenTrace { id: "ab".into() },
            Request::Details { ask: 1, revision: 2, trace: 3, span: 4, first_event: 0 },
            Request::Find {
                ask: 1,
                revision: 2,
                trace: 3,
                words: vec![crate::wire::Sought::Text("\u{e4}".into())],
            },
            Request::Analyse {
                ask: 1,
                revision: 2,
                trace: 3,
                settings: AnalysisSettings { gap_min_ns: Some(i64::MAX), ..AnalysisSettings::default() },
                root: Some(4),
            },
            Request::WhatIf {
                ask: 1,
                revision: 2,
                trace: 3,
                scenarios: vec![
                    Scenario::Scale {
                        matching: Matching::Operation {
                            service: None,
                            name: Some("GET /".into()),
                            kind: None,
                        },
                        faster_permille: -500,
                        subtree: true,
                    },
                    Scenario::Delta { matching: Matching::Spans(vec![1, 2]), add_ns: i64::MIN },
                    Scenario::Parallel { members: vec![3] },
                    Scenario::Batch { members: vec![] },
                ],
            },
            Request::Insight { ask: 1, revision: 2, trace: 3, span: 4 },
            Request::Aggregate {
                ask: 1,
                revision: 2,
                scope: crate::wire::scope::Scope::Traces(vec![3]),
                settings: AnalysisSettings::default(),
            },
        ] {
            let packet = Packet::request(7, &request).unwrap();
            assert_eq!(Packet::read_request(&packet.head), Ok((7, request)));
        }
    }

    #[test]
    fn kinds_have_the_numbers_that_end_to_end_tests_know() {
        let details = Request::Details { ask: 0, revision: 0, trace: 0, span: 0, first_event: 0 };
        let open = Request::Open { names: Vec::new(), total: None, first_revision: 0 };
        let kind = |request| Packet::request(1, request).unwrap().head.get(2).copied();
        assert_eq!((kind(&open), kind(&details)), (Some(0), Some(4)), "change tests/e2e/messages.mjs, too");

        let progress = Progress {
            phase: Phase::Linking,
            file: "ab".to_owned(),
            files_done: 3,
            files: 4,
            bytes: 5,
            memory: 6,
            ..Progress::default()
        };
        let head = Packet::response(1, Response::Progress(progress)).unwrap().head;
        let message = head.get(2..).unwrap_or_default();
        assert!(
            message.starts_with(&[1, 1, 2, b'a', b'b', 3, 4, 5]) && message.ends_with(&[6]),
            "{message:?}"
        );
    }

    #[test]
    fn a_buffer_travels_beside_the_message() {
        let response = Response::TracePart { revision: 1, part: 0, bytes: vec![1, 2, 3] };
        let packet = Packet::response(2, response.clone()).unwrap();
        assert_eq!(packet.buffers, [[1, 2, 3]]);
        assert_eq!(packet.clone().read_response(), Ok((2, response)));
        let lost = Packet { buffers: Vec::new(), ..packet };
        assert!(matches!(lost.read_response(), Err(WireError::Broken { .. })));
    }

    #[test]
    fn parts_of_an_analysis_come_back() {
        let finding = FindingMessage {
            code: "PERF-1".into(),
            stake_ns: Some(i64::MIN),
            interval: Some((-1, i64::MAX)),
            scenario: Some(Scenario::Batch { members: vec![1] }),
            contains: vec![FindingMessage::default()],
            ..FindingMessage::default()
        };
        for response in [
            Response::Analysis {
                ask: 1,
                part: AnalysisPart::Path(Piece { first: 0, total: 1 }),
                bytes: vec![7, 8],
            },
            Response::Analysis {
                ask: 1,
                part: AnalysisPart::Findings { findings: vec![finding], is_all: true },
                bytes: Vec::new(),
            },
            Response::Analysis {
                ask: 1,
                part: AnalysisPart::Done { checked: vec![Check::default()], bytes: 7 },
                bytes: Vec::new(),
            },
            Response::WhatIf { ask: 2, totals: WhatIfTotals::default(), bytes: vec![1] },
        ] {
            let packet = Packet::response(2, response.clone()).unwrap();
            assert_eq!(packet.read_response(), Ok((2, response)));
        }
    }
}
