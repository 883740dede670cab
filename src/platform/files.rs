//! Files as the reader gives them: chosen, dropped, pasted; single, several, folders.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, ClipboardEvent, DataTransfer, DragEvent, Event, EventTarget, File, FileList,
    FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry, HtmlInputElement,
};

use super::dom::is_typing;
use super::events::{Listener, listen};
use super::remote::Remote;
use super::{property, window};
use crate::base::sort::CompactSort as _;

/// Something to be read: a handle, its contents stay where they are.
#[derive(Clone, Debug)]
pub struct Source {
    /// Name, with the folder where there is one.
    pub name: String,
    /// Contents.
    pub contents: Contents,
}

/// Where the contents are.
#[derive(Clone, Debug)]
pub enum Contents {
    /// With the browser.
    Blob(Blob),
    /// With a backend: they are fetched when they are read.
    Remote(Box<Remote>),
}

impl Source {
    /// A file that consists of `text`.
    pub fn from_text(name: &str, text: &str) -> Option<Self> {
        let blob = Blob::new_with_str_sequence(&Array::of1(&JsValue::from_str(text))).ok()?;
        Some(Self { name: name.to_owned(), contents: Contents::Blob(blob) })
    }

    /// A trace of a backend.
    pub fn from_remote(remote: Remote) -> Self {
        let name = format!("Trace {} of {}", remote.trace, remote.label);
        Self { name, contents: Contents::Remote(Box::new(remote)) }
    }

    /// Bytes, where that is known before.
    pub(super) fn size(&self) -> Option<u64> {
        match &self.contents {
            Contents::Blob(blob) => Some(blob.size() as u64),
            Contents::Remote(_) => None,
        }
    }

    /// As it travels to the worker.
    pub(super) fn message(&self) -> JsValue {
        match &self.contents {
            Contents::Blob(blob) => blob.into(),
            Contents::Remote(remote) => remote.message(),
        }
    }

    /// The backend it comes from, for people.
    fn place(&self) -> Option<&str> {
        match &self.contents {
            Contents::Blob(_) => None,
            Contents::Remote(remote) => Some(&remote.label),
        }
    }

    /// A file that consists of `bytes`.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Option<Self> {
        let bytes = js_sys::Uint8Array::from(bytes);
        let blob = Blob::new_with_u8_array_sequence(&Array::of1(&bytes)).ok()?;
        Some(Self { name: name.to_owned(), contents: Contents::Blob(blob) })
    }

    fn from_file(file: File) -> Self {
        let path = property(&file, "webkitRelativePath").as_string().filter(|path| !path.is_empty());
        Self { name: path.unwrap_or_else(|| file.name()), contents: Contents::Blob(file.into()) }
    }
}

/// Shows the browser's dialog for files, or for a folder, and hands over what was chosen. Works only in
/// answer to a click or a key.
pub fn choose(folder: bool, on_files: impl Fn(Vec<Source>) + 'static) {
    let Some(document) = window().and_then(|w| w.document()) else { return };
    let Ok(element) = document.create_element("input") else { return };
    let Ok(input) = element.dyn_into::<HtmlInputElement>() else { return };
    input.set_type("file");
    input.set_multiple(true);
    input.set_hidden(true);
    if folder {
        let _ = input.set_attribute("webkitdirectory", "");
    }
    // Some browsers forget an input that is not in the page while its dialog is open.
    if let Some(body) = document.body() {
        let _ = body.append_child(&input);
    }
    let listeners = Rc::new(RefCell::new(Vec::new()));
    let over = |kind: &'static str, chosen: Rc<dyn Fn(Vec<Source>)>| {
        let (input, listeners) = (input.clone(), Rc::clone(&listeners));
        listen(&input.clone(), kind, move |_: Event| {
            let files = input.files().map(|list| from_list(&list)).unwrap_or_default();
            input.remove();
            // A listener must not be dropped while it runs.
            let listeners = Rc::clone(&listeners);
            spawn_local(async move { listeners.borrow_mut().clear() });
            if !files.is_empty() {
                chosen(files);
            }
        })
    };
    let chosen: Rc<dyn Fn(Vec<Source>)> = Rc::new(on_files);
    listeners.borrow_mut().extend([over("change", Rc::clone(&chosen)), over("cancel", chosen)]);
    input.click();
}

/// The files of a list, hidden ones left out, in the order of their names.
pub fn from_list(list: &FileList) -> Vec<Source> {
    let files = (0..list.length()).filter_map(|at| list.item(at));
    tidy(files.map(Source::from_file).collect())
}

/// What a drop or a paste brings.
#[derive(Debug)]
#[must_use = "files are taken only while this lives"]
pub struct DropTarget {
    _listeners: Vec<Listener>,
}

/// Makes the whole window a target for dropped and pasted files.
///
/// `on_hover` is told when files are held over the window and when they are no longer. Text that is pasted is
/// a file, too, unless a text field has the focus.
pub fn accept_drops(
    on_hover: impl Fn(bool) + 'static,
    on_files: impl Fn(Vec<Source>) + 'static,
) -> Option<DropTarget> {
    let target: EventTarget = window()?.into();
    let on_hover = Rc::new(on_hover);
    let on_files: Rc<dyn Fn(Vec<Source>)> = Rc::new(on_files);
    // Entering a child comes before leaving its parent, so the two are counted against each other.
    let depth = Rc::new(std::cell::Cell::new(0_i32));
    let listeners = vec![
        listen(&target, "dragenter", {
            let (depth, on_hover) = (Rc::clone(&depth), Rc::clone(&on_hover));
            move |event: DragEvent| {
                if has_files(&event) {
                    event.prevent_default();
                    depth.set(depth.get() + 1);
                    on_hover(true);
                }
            }
        }),
        listen(&target, "dragleave", {
            let (depth, on_hover) = (Rc::clone(&depth), Rc::clone(&on_hover));
            move |event: DragEvent| {
                if has_files(&event) {
                    depth.set((depth.get() - 1).max(0));
                    on_hover(depth.get() > 0);
                }
            }
        }),
        listen(&target, "dragover", move |event: DragEvent| {
            // Without this the browser would open the file instead of the page.
            if has_files(&event) {
                event.prevent_default();
                if let Some(data) = event.data_transfer() {
                    data.set_drop_effect("copy");
                }
            }
        }),
        listen(&target, "drop", {
            let on_files = Rc::clone(&on_files);
            move |event: DragEvent| {
                depth.set(0);
                on_hover(false);
                if let Some(data) = event.data_transfer().filter(|_| has_files(&event)) {
                    event.prevent_default();
                    take(&data, Rc::clone(&on_files));
                }
            }
        }),
        listen(&target, "paste", move |event: ClipboardEvent| {
            if is_typing(&event) {
                return;
            }
            let Some(data) = event.clipboard_data() else { return };
            if data.files().is_some_and(|list| list.length() > 0) {
                event.prevent_default();
                take(&data, Rc::clone(&on_files));
            } else if let Some(source) = data.get_data("text/plain").ok().and_then(|text| from_pasted(&text))
            {
                event.prevent_default();
                on_files(vec![source]);
            }
        }),
    ];
    Some(DropTarget { _listeners: listeners })
}

/// Files in a few words: the name of the only one, or their number and the first; of traces of one backend, which.
pub fn name_of(sources: &[Source]) -> String {
    let place = sources.first().and_then(Source::place);
    if place.is_some() && sources.iter().all(|source| source.place() == place) {
        return place.unwrap_or_default().to_owned();
    }
    match sources {
        [] => String::new(),
        [one] => one.name.clone(),
        [first, ..] => format!("{} files: {}, …", sources.len(), first.name),
    }
}

/// Pasted text as a file; none when it is blank.
pub fn from_pasted(text: &str) -> Option<Source> {
    if text.trim().is_empty() {
        return None;
    }
    Source::from_text("pasted text", text)
}

fn has_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| data.types().iter().any(|kind| kind == "Files"))
}

/// Takes all files and folders that are carried. What is carried is gone when the event is over, so the
/// entries are collected at once and read afterwards.
fn take(data: &DataTransfer, on_files: Rc<dyn Fn(Vec<Source>)>) {
    let items = data.items();
    let items = (0..items.length()).filter_map(|at| items.get(at)).filter(|item| item.kind() == "file");
    let (mut files, mut entries) = (Vec::new(), Vec::new());
    for item in items {
        match item.webkit_get_as_entry() {
            Ok(Some(entry)) if entry.is_directory() => entries.push(entry),
            // A file's own handle needs no further step that may fail.
            _ => files.extend(item.get_as_file().ok().flatten().map(Source::from_file)),
        }
    }
    spawn_local(async move {
        files.extend(walk(entries).await);
        let files = tidy(files);
        if !files.is_empty() {
            on_files(files);
        }
    });
}

/// All files in these folders and the folders in them. What cannot be read is left out.
async fn walk(mut entries: Vec<FileSystemEntry>) -> Vec<Source> {
    let mut files = Vec::new();
    while let Some(entry) = entries.pop() {
        if entry.is_directory() {
            let reader = entry.unchecked_into::<FileSystemDirectoryEntry>().create_reader();
            // A reader gives at most 100 entries at once and an empty list at the end.
            loop {
                let batch = Promise::new(&mut |resolve, reject| {
                    let _ = reader.read_entries_with_callback_and_callback(&resolve, &reject);
                });
                let batch = JsFuture::from(batch).await.map(|list| Array::from(&list)).unwrap_or_default();
                if batch.length() == 0 {
                    break;
                }
                entries.extend(batch.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
            }
        } else {
            let path = entry.full_path();
            let entry = entry.unchecked_into::<FileSystemFileEntry>();
            let file =
                Promise::new(&mut |resolve, reject| entry.file_with_callback_and_callback(&resolve, &reject));
            if let Ok(file) = JsFuture::from(file).await {
                let name = path.trim_start_matches('/').to_owned();
                files.push(Source { name, contents: Contents::Blob(file.unchecked_into()) });
            }
        }
    }
    files
}

/// Leaves hidden files out, unless there are no others, and sorts: the order of a folder is up to its disk.
fn tidy(mut files: Vec<Source>) -> Vec<Source> {
    let is_hidden = |name: &str| name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
    if files.iter().any(|file| !is_hidden(&file.name)) {
        files.retain(|file| !is_hidden(&file.name));
    }
    files.compact_sort_by(|a, b| a.name.cmp(&b.name));
    files
}
