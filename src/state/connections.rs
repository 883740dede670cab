//! Backends that need not be typed: those that the page's `config.json` lists, and those that the reader had kept in
//! this browser.

use serde_json::{Value, json};

use crate::source::access::{Access, Credentials, TenantHeader};
use crate::source::address::BaseAddress;
use crate::source::discover::Product;

/// Most entries that are read.
const MOST: usize = 100;

/// An entry of `config.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// As links name it.
    pub name: String,
    /// For people.
    pub label: String,
    /// Which product.
    pub product: Product,
    /// Its address, which may be relative to the page.
    pub url: String,
    /// Tenant; empty for none.
    pub tenant: String,
}

/// Reads `config.json`: the entries, and what is wrong with others, in words.
///
/// # Errors
/// When it is no such file at all, in words.
pub fn parse_config(text: &str) -> Result<(Vec<Preset>, Vec<String>), String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let list = match value.get("backends") {
        None if value.is_object() => return Ok((Vec::new(), Vec::new())),
        Some(Value::Array(list)) => list,
        _ => return Err("it needs a list named “backends”".to_owned()),
    };
    let mut presets: Vec<Preset> = Vec::new();
    let mut faults = Vec::new();
    for (at, entry) in list.iter().take(MOST).enumerate() {
        match preset(entry) {
            Ok(preset) if presets.iter().any(|known| known.name == preset.name) => {
                faults.push(format!("the name “{}” stands there twice", preset.name));
            }
            Ok(preset) => presets.push(preset),
            Err(fault) => faults.push(format!("backend {}: {fault}", at + 1)),
        }
    }
    Ok((presets, faults))
}

fn preset(entry: &Value) -> Result<Preset, String> {
    let text = |field: &str| entry.get(field).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    let name = text("name");
    if name.is_empty() {
        return Err("it has no name".to_owned());
    }
    let product = product_of(&text("product"))
        .ok_or_else(|| format!("the product of “{name}” is neither jaeger nor tempo"))?;
    let url = text("url");
    // A relative one is checked when it is put together with the page's.
    if url.is_empty() || url.contains('@') {
        return Err(format!("“{name}” has no url, or one with a password in it"));
    }
    let label = Some(text("label")).filter(|label| !label.is_empty()).unwrap_or_else(|| name.clone());
    Ok(Preset { name, label, product, url, tenant: text("tenant") })
}

fn product_of(word: &str) -> Option<Product> {
    Product::ALL.into_iter().find(|product| product.word().eq_ignore_ascii_case(word))
}

/// A connection that the reader had kept in this browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which product.
    pub product: Product,
    /// Where it is.
    pub base: BaseAddress,
    /// Who asks.
    pub access: Access,
}

/// The text that the browser keeps.
pub fn print_kept(kept: &[Kept]) -> String {
    let entry = |kept: &Kept| {
        let (bearer, user, password) = match &kept.access.credentials {
            Credentials::None => (None, None, None),
            Credentials::Bearer(token) => (Some(token), None, None),
            Credentials::Basic { user, password } => (None, Some(user), Some(password)),
        };
        json!({
            "product": kept.product.word(),
            "url": kept.base.to_string(),
            "tenant": kept.access.tenant,
            "bearer": bearer,
            "user": user,
            "password": password,
        })
    };
    Value::Array(kept.iter().map(entry).collect()).to_string()
}

/// Reads what [`print_kept`] wrote; what is not understood is left out.
pub fn parse_kept(text: &str) -> Vec<Kept> {
    let list: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
    let kept = |entry: &Value| {
        let text = |field: &str| entry.get(field).and_then(Value::as_str).map(str::to_owned);
        let product = product_of(&text("product")?)?;
        let credentials = match (text("bearer"), text("user")) {
            (Some(token), _) => Credentials::Bearer(token),
            (None, Some(user)) => Credentials::Basic { user, password: text("password").unwrap_or_default() },
            (None, None) => Credentials::None,
        };
        Some(Kept {
            product,
            base: BaseAddress::parse(&text("url")?).ok()?,
            access: access(product, text("tenant").unwrap_or_default(), credentials),
        })
    };
    list.iter().take(MOST).filter_map(kept).collect()
}

/// How a backend of that product is asked.
pub fn access(product: Product, tenant: String, credentials: Credentials) -> Access {
    let tenant_header = match product {
        Product::Jaeger => TenantHeader::XTenant,
        Product::Tempo => TenantHeader::ScopeOrgId,
    };
    Access { tenant, tenant_header, credentials }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_its_faults_are_named() {
        let (presets, faults) = parse_config(
            r#"{"backends": [
                {"name": "prod", "label": "Production", "product": "tempo", "url": "/tempo/", "tenant": "a"},
                {"name": "dev", "product": "Jaeger", "url": "http://localhost:16686"},
                {"name": "dev", "product": "jaeger", "url": "/x"},
                {"product": "jaeger"},
                {"name": "z", "product": "zipkin", "url": "/z"},
                {"name": "s", "product": "tempo", "url": "https://u:marker@host/"}
            ]}"#,
        )
        .expect("it is a list");
        let names: Vec<(&str, &str)> = presets.iter().map(|p| (p.name.as_str(), p.label.as_str())).collect();
        assert_eq!(names, [("prod", "Production"), ("dev", "dev")]);
        assert_eq!((presets[0].product, presets[0].tenant.as_str()), (Product::Tempo, "a"));
        assert_eq!(faults.len(), 4, "{faults:?}");
        assert!(faults[2].contains("neither jaeger nor tempo"), "{faults:?}");
        assert!(!faults.concat().contains("marker"));
        assert_eq!(parse_config("{}"), Ok((Vec::new(), Vec::new())));
        assert!(parse_config("[]").is_err() && parse_config("{").is_err());
    }

    #[test]
    fn what_is_kept_is_read_again() {
        let kept = |product, credentials| Kept {
            product,
            base: BaseAddress::parse("https://host/base").expect("an address"),
            access: access(product, "a|b".to_owned(), credentials),
        };
        let all = [
            kept(Product::Tempo, Credentials::Bearer("t".to_owned())),
            kept(Product::Jaeger, Credentials::Basic { user: "u".to_owned(), password: "p".to_owned() }),
            kept(Product::Jaeger, Credentials::None),
        ];
        assert_eq!(parse_kept(&print_kept(&all)), all);
        assert_eq!(parse_kept("broken"), []);
        assert_eq!(parse_kept(r#"[{"product":"tempo"},{"product":"tempo","url":"ftp://x"}]"#), []);
    }
}
