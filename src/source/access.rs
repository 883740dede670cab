//! Who asks: tenant and credentials, and the headers they become.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How a request proves who it is from. Never printed, not even for debugging.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Credentials {
    /// It does not.
    #[default]
    None,
    /// A token.
    Bearer(String),
    /// User and password (RFC 7617).
    Basic {
        /// Without a colon.
        user: String,
        /// Any text.
        password: String,
    },
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Bearer(_) => "Bearer(…)",
            Self::Basic { .. } => "Basic(…)",
        })
    }
}

/// What is sent with every request to one backend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Tenant; empty for none. Several of Tempo's are joined by `|`.
    pub tenant: String,
    /// The header that carries the tenant.
    pub tenant_header: TenantHeader,
    /// Token, or user and password.
    pub credentials: Credentials,
}

/// The name of the header for tenants differs by product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TenantHeader {
    /// Tempo, Mimir and Loki.
    #[default]
    ScopeOrgId,
    /// Jaeger, unless it is told another.
    XTenant,
}

impl TenantHeader {
    /// The header's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ScopeOrgId => "X-Scope-OrgID",
            Self::XTenant => "x-tenant",
        }
    }
}

impl Access {
    /// The headers to send, none for what is not set.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let authorization = match &self.credentials {
            Credentials::None => None,
            Credentials::Bearer(token) => Some(format!("Bearer {}", token.trim())),
            Credentials::Basic { user, password } => {
                Some(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
            }
        };
        let tenant = self.tenant.trim();
        let tenant = (!tenant.is_empty()).then(|| (self.tenant_header.name(), tenant.to_owned()));
        authorization.map(|value| ("Authorization", value)).into_iter().chain(tenant).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_those_of_the_standards() {
        let access = Access {
            tenant: " team-a ".to_owned(),
            credentials: Credentials::Basic {
                user: "Aladdin".to_owned(),
                password: "open sesame".to_owned(),
            },
            ..Access::default()
        };
        // The example of RFC 7617, section 2.
        let expected = [
            ("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned()),
            ("X-Scope-OrgID", "team-a".to_owned()),
        ];
        assert_eq!(access.headers(), expected);
        assert_eq!(Access::default().headers(), []);
    }

    #[test]
    fn no_secret_is_printed() {
        for credentials in [
            Credentials::Bearer("marker".to_owned()),
            Credentials::Basic { user: "marker".to_owned(), password: "marker".to_owned() },
        ] {
            let access = Access { credentials, ..Access::default() };
            assert!(!format!("{access:?}").contains("marker"));
        }
    }
}
