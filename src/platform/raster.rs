//! Puts pixels that were computed in the program on a canvas: the dense pictures.

use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// Shows `rgba` (four bytes a pixel, row after row) on `canvas`, whose backing store takes that size.
///
/// Nothing happens when the length is not `width × height × 4` or the browser refuses.
pub fn show(canvas: &HtmlCanvasElement, rgba: &[u8], width: u32, height: u32) {
    if width == 0 || rgba.len() != width as usize * height as usize * 4 {
        return;
    }
    if (canvas.width(), canvas.height()) != (width, height) {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    let context = canvas.get_context("2d").ok().flatten();
    let context = context.and_then(|c| c.dyn_into::<CanvasRenderingContext2d>().ok());
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(rgba), width, height);
    if let (Some(context), Ok(image)) = (context, image) {
        let _ = context.put_image_data(&image, 0.0, 0.0);
    }
}
