//! `index.html`, the one manifest of the page: reads its `data-trunk` links and puts built files in their
//! place. Understands what such a link looks like and leaves every other line as it stands.

use anyhow::{Context, Result, bail};

/// What a `data-trunk` link asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asset<'a> {
    /// The app itself.
    Rust,
    /// A style sheet, by its path in the project.
    Css(&'a str),
    /// A folder copied as it is to the top of the page's folder.
    CopyDir(&'a str),
}

/// A link and where its tag stands in the text.
#[derive(Debug)]
struct Link<'a> {
    at: std::ops::Range<usize>,
    asset: Asset<'a>,
}

/// The source of the page and the links found in it.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    html: &'a str,
    links: Vec<Link<'a>>,
}

impl<'a> Page<'a> {
    /// Finds the links; fails on one it cannot build, which Trunk alone would honour.
    pub(crate) fn parse(html: &'a str) -> Result<Self> {
        let mut links = Vec::new();
        let mut from = 0;
        while let Some(found) = html[from..].find("<link") {
            let start = from + found;
            let length = html[start..].find('>').context("index.html: a <link> without its end")? + 1;
            let tag = &html[start..start + length];
            from = start + length;
            if tag.split_whitespace().any(|word| word == "data-trunk") {
                links.push(Link { at: start..from, asset: asset(tag)? });
            }
        }
        Ok(Self { html, links })
    }

    /// What is to be built, in the order of the page.
    pub(crate) fn assets(&self) -> impl Iterator<Item = Asset<'a>> {
        self.links.iter().map(|link| link.asset)
    }

    /// The page with every link replaced by what `built` makes of it; an emptied line disappears.
    pub(crate) fn render(&self, mut built: impl FnMut(Asset<'a>) -> String) -> String {
        let mut page = String::with_capacity(self.html.len() + 1024);
        let mut from = 0;
        for link in &self.links {
            page.push_str(&self.html[from..link.at.start]);
            let text = built(link.asset);
            from = link.at.end;
            if text.is_empty() {
                page.truncate(page.trim_end_matches([' ', '\t']).len());
                from += self.html[from..].strip_prefix('\n').map_or(0, |_| 1);
            }
            page.push_str(&text);
        }
        page.push_str(&self.html[from..]);
        page
    }
}

/// The policy that the page states for itself; the server sends the same as a header.
pub(crate) fn policy(html: &str) -> Result<&str> {
    let tag = html.split("<meta ").find(|tag| tag.contains("\"Content-Security-Policy\""));
    tag.and_then(|tag| attribute(tag, "content")).context("index.html states no Content-Security-Policy")
}

fn asset(tag: &str) -> Result<Asset<'_>> {
    let href = attribute(tag, "href");
    match (attribute(tag, "rel"), href) {
        (Some("rust"), _) => Ok(Asset::Rust),
        (Some("css"), Some(href)) => Ok(Asset::Css(href)),
        (Some("copy-dir"), Some(href)) if attribute(tag, "data-target-path") == Some(".") => {
            Ok(Asset::CopyDir(href))
        }
        _ => bail!("index.html: cannot build {tag}"),
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let value = tag
        .split_once(&format!(" {name}=\""))
        .or_else(|| tag.strip_prefix(name).and_then(|rest| rest.strip_prefix("=\"")).map(|rest| ("", rest)));
    value?.1.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTML: &str = r#"<head>
  <link rel="icon" href="favicon.svg" />
  <link data-trunk rel="css" href="style/a.css" />
  <link data-trunk rel="copy-dir" href="public" data-target-path="." />
  <link data-trunk rel="rust" data-bin="x" />
</head>
"#;

    #[test]
    fn finds_its_links_in_order() {
        let page = Page::parse(HTML).unwrap();
        let assets: Vec<_> = page.assets().collect();
        assert_eq!(assets, [Asset::Css("style/a.css"), Asset::CopyDir("public"), Asset::Rust]);
    }

    #[test]
    fn puts_built_files_in_place_and_leaves_the_rest() {
        let page = Page::parse(HTML).unwrap();
        let text = page.render(|asset| match asset {
            Asset::Rust => "<script src=\"x.js\"></script>".to_owned(),
            Asset::Css(_) => "<link rel=\"stylesheet\" href=\"a-1.css\" />".to_owned(),
            Asset::CopyDir(_) => String::new(),
        });
        let expected = r#"<head>
  <link rel="icon" href="favicon.svg" />
  <link rel="stylesheet" href="a-1.css" />
  <script src="x.js"></script>
</head>
"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn refuses_what_only_trunk_could_build() {
        assert!(Page::parse(r#"<link data-trunk rel="sass" href="a.scss" />"#).is_err());
        assert!(Page::parse(r#"<link data-trunk rel="css" />"#).is_err());
    }

    #[test]
    fn reads_the_policy() {
        let html = r#"<meta charset="utf-8" /><meta http-equiv="Content-Security-Policy" content="default-src 'none'" />"#;
        assert_eq!(policy(html).unwrap(), "default-src 'none'");
        assert!(policy("<meta charset=\"utf-8\" />").is_err());
    }
}
