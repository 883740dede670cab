//! Entry of the page and of the worker: one wasm serves both.

use spanscope::platform::{crash, dom, worker_port};
use spanscope::ui::App;

fn main() {
    console_error_panic_hook::set_once();
    if dom::has_document() {
        crash::install();
        leptos::mount::mount_to_body(App);
    } else {
        worker_port::serve();
    }
}
