//! A canvas as a back end of plotters, sharp on dense screens.

use plotters_canvas::CanvasBackend;
use web_sys::HtmlCanvasElement;

/// Beyond this only memory grows.
const MAX_DEVICE_PIXELS: f64 = 2.0;

/// Fits `canvas` to `width_px` × `height_px` of CSS pixels and hands it to `draw` with the number of its pixels
/// per CSS pixel. Nothing happens when the browser refuses a context.
pub fn draw(
    canvas: &HtmlCanvasElement,
    width_px: f64,
    height_px: f64,
    draw: impl FnOnce(CanvasBackend, f64),
) {
    let density = super::window().map_or(1.0, |w| w.device_pixel_ratio()).clamp(1.0, MAX_DEVICE_PIXELS);
    canvas.set_width((width_px * density).round() as u32);
    canvas.set_height((height_px * density).round() as u32);
    if let Some(backend) = CanvasBackend::with_canvas_object(canvas.clone()) {
        draw(backend, density);
    }
}
