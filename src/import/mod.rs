//! Bytes to records: containers, text, formats, each recognised by content and read in chunks.
//!
//! `bytes → containers (gzip, zstd, zip, tar, frames) → text (BOM, UTF-16) → values → decoders → builder`.
//! Every stage takes pieces of any size, so a file never has to be in memory as a whole, and a piece of work
//! is never longer than its piece.

pub mod error;
pub mod time;

mod chrome;
mod chrome_flows;
mod chrome_lanes;
mod console;
mod container;
pub(crate) mod context;
mod frames;
mod go_stdout;
mod grafana_frame;
mod gzip;
pub(crate) mod ids;
mod importer;
mod inflate;
mod inline;
mod jaeger;
mod jaeger_es;
mod jaeger_model;
mod jaeger_tags;
mod js_console;
pub(crate) mod json;
mod json_stream;
mod json_walk;
pub(crate) mod number;
mod otlp_json;
mod otlp_proto;
mod proto;
mod proto_schema;
mod proto_stream;
mod proto_values;
mod python_console;
mod recognise;
mod refusals;
mod sniff;
mod tar;
mod text;
pub(crate) mod values;
mod zip;
mod zip_entries;
mod zipkin;
mod zipkin_proto;
mod zipkin_v1;
mod zstd;

pub use error::ImportError;
pub use importer::{FileReport, Import, Importer, Progress, read};

use context::Context;

/// A step of the pipeline. It takes the bytes in pieces of any size, and the pieces make no difference.
pub(crate) trait Stage {
    /// Takes the next bytes and does all that can be done with them.
    fn feed(&mut self, ctx: &mut Context, bytes: &[u8]);

    /// Nothing follows: the rest is read, what is cut off is reported.
    fn finish(&mut self, ctx: &mut Context);
}

/// A format as the reader knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "names are in `Format::name`")]
pub enum Format {
    OtlpJson,
    OtlpProtobuf,
    JaegerJson,
    JaegerApiV3,
    JaegerElasticsearch,
    JaegerModel,
    TempoV1,
    TempoV2,
    ZipkinV1,
    ZipkinV2,
    ZipkinProtobuf,
    ChromeTrace,
    PythonConsole,
    JavaScriptConsole,
    GrafanaFrame,
    GoStdout,
}

impl Format {
    /// Stable short name for machines.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::OtlpJson => "otlp-json",
            Self::OtlpProtobuf => "otlp-protobuf",
            Self::JaegerJson => "jaeger-json",
            Self::JaegerApiV3 => "jaeger-v3-json",
            Self::JaegerElasticsearch => "jaeger-elasticsearch",
            Self::JaegerModel => "jaeger-model-json",
            Self::TempoV1 => "tempo-v1",
            Self::TempoV2 => "tempo-v2",
            Self::ZipkinV1 => "zipkin-v1",
            Self::ZipkinV2 => "zipkin-v2",
            Self::ZipkinProtobuf => "zipkin-protobuf",
            Self::ChromeTrace => "chrome-trace",
            Self::PythonConsole => "python-console",
            Self::JavaScriptConsole => "javascript-console",
            Self::GrafanaFrame => "grafana-frame",
            Self::GoStdout => "go-stdout",
        }
    }

    /// Name for the reader.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OtlpJson => "OTLP JSON",
            Self::OtlpProtobuf => "OTLP protobuf",
            Self::JaegerJson => "Jaeger JSON",
            Self::JaegerApiV3 => "Jaeger API v3",
            Self::JaegerElasticsearch => "Jaeger Elasticsearch documents",
            Self::JaegerModel => "Jaeger storage model",
            Self::TempoV1 => "Tempo v1",
            Self::TempoV2 => "Tempo v2",
            Self::ZipkinV1 => "Zipkin v1",
            Self::ZipkinV2 => "Zipkin v2",
            Self::ZipkinProtobuf => "Zipkin protobuf",
            Self::ChromeTrace => "Chrome Trace Event",
            Self::PythonConsole => "Python console exporter",
            Self::JavaScriptConsole => "JavaScript console exporter",
            Self::GrafanaFrame => "Grafana data frame",
            Self::GoStdout => "Go stdout exporter",
        }
    }
}

/// Limits of an import.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Bytes after unpacking, over all files: the defence against decompression bombs.
    pub max_unpacked: u64,
    /// Bytes of one value that has to be held as a whole (a span, a data frame).
    pub max_value: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_unpacked: 4 << 30, max_value: 256 << 20 }
    }
}
