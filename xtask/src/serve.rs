//! `cargo xtask serve`: the built page on 127.0.0.1, with the headers a careful host would send.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use tiny_http::{Header, Method, Request, Response, Server};

use crate::args::Args;
use crate::build::{self, Mode};
use crate::{page, project};

/// Where a browser may look for the page, unless told otherwise.
const PORT: u16 = 8087;

/// A browser opens about six connections at once.
const THREADS: usize = 6;

const TYPES: &[(&str, &str)] = &[
    ("css", "text/css; charset=utf-8"),
    ("gz", "application/gzip"),
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("jsonl", "application/x-ndjson"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("webmanifest", "application/manifest+json"),
    ("zip", "application/zip"),
    ("zst", "application/zstd"),
];

pub(crate) fn run(mut args: Args) -> Result<()> {
    let mode = Mode::from_args(&mut args);
    let port = args.value("--port")?.unwrap_or(PORT);
    let prefix = args.value::<String>("--prefix")?.unwrap_or_else(|| "/".to_owned());
    let open = args.flag("--open");
    let no_build = args.flag("--no-build");
    args.finish()?;
    if !no_build {
        build::build(mode)?;
    }
    let site = Site::start(&mode.folder(), &prefix, port)?;
    println!("Spanscope is at {} (Ctrl+C ends)", site.address());
    if open {
        open_browser(&site.address());
    }
    site.wait();
    Ok(())
}

/// A folder being served; the server ends with it.
pub(crate) struct Site {
    server: Arc<Server>,
    prefix: String,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Site {
    /// Serves `folder` below `prefix`; port 0 takes any free one.
    pub(crate) fn start(folder: &Path, prefix: &str, port: u16) -> Result<Self> {
        let index = folder.join("index.html");
        let html = std::fs::read_to_string(&index)
            .with_context(|| format!("no page at {}: run `cargo xtask build` first", index.display()))?;
        // The only directive that a <meta> cannot state.
        let policy = format!("{}; frame-ancestors 'self'", page::policy(&html)?);
        let prefix = format!("/{}/", prefix.trim_matches('/')).replace("//", "/");
        let server = Server::http(SocketAddr::from(([127, 0, 0, 1], port)))
            .map_err(|error| anyhow!("cannot listen on 127.0.0.1:{port}: {error} (try --port)"))?;
        let server = Arc::new(server);
        let shared = Arc::new(Folder { path: folder.to_owned(), prefix: prefix.clone(), policy });
        let threads = (0..THREADS)
            .map(|_| {
                let (server, folder) = (Arc::clone(&server), Arc::clone(&shared));
                std::thread::spawn(move || {
                    while let Ok(request) = server.recv() {
                        folder.answer(request);
                    }
                })
            })
            .collect();
        Ok(Self { server, prefix, threads })
    }

    /// The page's URL.
    pub(crate) fn address(&self) -> String {
        let port = self.server.server_addr().to_ip().map_or(0, |address| address.port());
        format!("http://127.0.0.1:{port}{}", self.prefix)
    }

    fn wait(mut self) {
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so; the others go on.
            let _ = thread.join();
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for _ in &self.threads {
            self.server.unblock();
        }
    }
}

struct Folder {
    path: PathBuf,
    prefix: String,
    policy: String,
}

impl Folder {
    fn answer(&self, request: Request) {
        let result = match self.find(request.url()) {
            _ if !matches!(request.method(), Method::Get | Method::Head) => {
                request.respond(Response::from_string("only GET").with_status_code(405))
            }
            Some(path) => match self.response(&request, &path) {
                Ok(response) => request.respond(response),
                Err(error) => request.respond(Response::from_string(error.to_string()).with_status_code(404)),
            },
            None => request.respond(Response::from_string("not found").with_status_code(404)),
        };
        // The browser may have gone away in the middle; nothing is lost by it.
        drop(result);
    }

    /// The file behind an address, if it lies below the prefix and names no way out of the folder.
    fn find(&self, url: &str) -> Option<PathBuf> {
        let path = url.split(['?', '#']).next()?.strip_prefix(&self.prefix)?;
        let mut file = self.path.clone();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let part = percent_decoded(part)?;
            if part.starts_with('.') || part.contains(['/', '\\', '\0']) {
                return None;
            }
            file.push(part);
        }
        if file.is_dir() {
            file.push("index.html");
        }
        file.is_file().then_some(file)
    }

    fn response(&self, request: &Request, path: &Path) -> Result<Response<File>> {
        let (file, encoding) = open_smallest(request, path)?;
        let mut response = Response::from_file(file)
            .with_header(header("Content-Type", content_type(path))?)
            .with_header(header("Content-Security-Policy", &self.policy)?)
            .with_header(header("X-Content-Type-Options", "nosniff")?)
            .with_header(header("Referrer-Policy", "no-referrer")?)
            .with_header(header("Vary", "Accept-Encoding")?)
            .with_header(header("Cache-Control", "no-cache")?);
        if let Some(encoding) = encoding {
            response.add_header(header("Content-Encoding", encoding)?);
        }
        Ok(response)
    }
}

fn open_smallest(request: &Request, path: &Path) -> Result<(File, Option<&'static str>)> {
    let accepted = request.headers().iter().find(|header| header.field.equiv("Accept-Encoding"));
    let accepted = accepted.map_or("", |header| header.value.as_str());
    for (encoding, ending) in [("br", "br"), ("gzip", "gz")] {
        let accepts =
            accepted.split(',').any(|word| word.split(';').next().is_some_and(|w| w.trim() == encoding));
        if accepts && let Ok(file) = File::open(format!("{}.{ending}", path.display())) {
            return Ok((file, Some(encoding)));
        }
    }
    Ok((File::open(path)?, None))
}

fn content_type(path: &Path) -> &'static str {
    let extension = path.extension().unwrap_or_default();
    TYPES.iter().find(|(known, _)| extension == *known).map_or("application/octet-stream", |(_, mime)| mime)
}

fn header(name: &str, value: &str) -> Result<Header> {
    Header::from_bytes(name, value).map_err(|()| anyhow!("not a header: {name}: {value}"))
}

fn percent_decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn open_browser(address: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    if let Err(error) = open_with(opener, address) {
        println!("cannot open a browser: {error:#}");
    }
}

fn open_with(opener: &str, address: &str) -> Result<()> {
    if !project::program(opener, &[address]).status()?.success() {
        bail!("{opener} failed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> Folder {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).to_owned();
        Folder { path, prefix: "/a/b/".to_owned(), policy: String::new() }
    }

    #[test]
    fn finds_files_below_its_prefix_only() {
        let cases = [
            ("/a/b/Cargo.toml", true),
            ("/a/b/Cargo.toml?x=1", true),
            ("/a/b/src/main%2Ers", true),
            ("/Cargo.toml", false),
            ("/a/b/../Cargo.toml", false),
            ("/a/b/%2e%2e/Cargo.toml", false),
            ("/a/b/src%2fmain.rs", false),
            ("/a/b/absent", false),
            ("/a/b/%zz", false),
        ];
        for (url, expected) in cases {
            assert_eq!(folder().find(url).is_some(), expected, "{url}");
        }
    }

    #[test]
    fn knows_the_types_that_browsers_insist_on() {
        assert_eq!(content_type(Path::new("a.wasm")), "application/wasm");
        assert!(content_type(Path::new("a-1.js")).starts_with("text/javascript"));
        assert_eq!(content_type(Path::new("a")), "application/octet-stream");
    }
}
