//! Users, their sessions and tokens as JSON.

pub use crate::domain::access::{Role, Scope};

use crate::domain::words::Worded;
use crate::domain::{Argument, Defect};
use crate::message;
use crate::wire::json::{Fields, Node, Read, TEXT_CHARS_MAX, text_element};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// Reads a list of values of a fixed set; each once.
fn choices<T: Worded>(f: &mut Fields<'_>, name: &str) -> Vec<T> {
    let mut found: Vec<T> = Vec::new();
    f.list(name, LIST_MAX, |node: Node, pointer: String, defects: &mut Vec<Defect>| {
        let text = text_element(node, pointer.clone(), defects)?;
        match T::parse(&text) {
            None => {
                let known: Argument = T::WORDS.iter().copied().collect();
                let message = message!("unknown-value", found = text, known = known);
                defects.push(Defect::at(pointer, message));
            }
            Some(value) if found.contains(&value) => {
                defects.push(Defect::at(pointer, message!("duplicate", found = text)));
            }
            Some(value) => found.push(value),
        }
        Some(())
    });
    found
}

/// Most roles, scopes, departments, areas or members of a team.
const LIST_MAX: usize = 1_000;

/// Reads an optional list of texts without NUL; each once.
fn texts(f: &mut Fields<'_>, name: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    f.list_if(name, LIST_MAX, |node: Node, pointer: String, defects: &mut Vec<Defect>| {
        let text = text_element(node, pointer.clone(), defects)?;
        if text.contains('\0') || text.chars().count() > TEXT_CHARS_MAX {
            defects.push(Defect::at(pointer, message!("bad-text_here", most = TEXT_CHARS_MAX)));
        } else if found.contains(&text) {
            defects.push(Defect::at(pointer, message!("duplicate", found = text)));
        } else {
            found.push(text);
        }
        Some(())
    });
    found
}

/// What a user may do, and for whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Access {
    /// Roles, at least one.
    pub roles: Vec<Role>,
    /// Ids of the departments that the user acts for; needed by filer, head and member.
    pub departments: Vec<String>,
    /// Ids of the areas that the user is bound to; none: everywhere.
    pub areas: Vec<String>,
    /// The user's "sub" at the outside issuer, where the server trusts one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

impl Read for Access {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let access = Access {
            roles: choices(f, "roles"),
            departments: texts(f, "departments"),
            areas: texts(f, "areas"),
            subject: f.words_if("subject"),
        };
        if access.roles.is_empty() {
            f.report_at("roles", message!("empty_roles"));
        }
        if access.departments.is_empty() && access.roles.iter().any(|role| role.is_departmental()) {
            f.report_at("departments", message!("department-needed"));
        }
        Some(access)
    }
}

/// A new user.
#[derive(Clone, Serialize, ToSchema)]
pub struct NewUser {
    /// The name to log in with, 1 to 64 characters.
    pub name: String,
    /// A first password; absent: the user comes by the outside issuer or by tokens only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// What the user may do.
    #[serde(flatten)]
    pub access: Access,
}

impl Read for NewUser {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let name = f.words("name");
        let password = f.text_if("password");
        Some(Self { name, password, access: Access::read(f)? })
    }
}

/// A user in place of the one before.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UserChange {
    /// What the user may do.
    #[serde(flatten)]
    pub access: Access,
    /// Whether the user is shut out.
    pub disabled: bool,
}

impl Read for UserChange {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let disabled = f.truth_if("disabled").unwrap_or_default();
        Some(Self { disabled, access: Access::read(f)? })
    }
}

/// A user.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct User {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What the user may do.
    #[serde(flatten)]
    pub access: Access,
    /// Whether the user is shut out.
    pub disabled: bool,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// Who asks, and what for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Ids of the departments that the user acts for.
    pub departments: Vec<String>,
    /// Ids of the areas that the user is bound to; none: everywhere.
    pub areas: Vec<String>,
    /// Scopes, when a personal token asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<Scope>>,
}

/// Who logs in.
#[derive(Serialize, ToSchema)]
pub struct Credentials {
    /// Name.
    pub name: String,
    /// Password.
    pub password: String,
}

impl Read for Credentials {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        Some(Self { name: f.text("name"), password: f.text("password") })
    }
}

/// Asks for the next token of a session.
#[derive(Serialize, ToSchema)]
pub struct Refresh {
    /// The newest refresh token of the session.
    pub refresh_token: String,
}

impl Read for Refresh {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        Some(Self { refresh_token: f.text("refresh_token") })
    }
}

/// A session's tokens.
#[derive(Serialize, ToSchema)]
pub struct Session {
    /// To be sent as `Authorization: Bearer …`; good for 15 minutes.
    pub token: String,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
    /// Good once, for the next pair of tokens at `/api/v1/session/refresh`.
    pub refresh_token: String,
    /// Until when it is good.
    pub refresh_expires_at: DateTime<Utc>,
}

/// A new password.
#[derive(Serialize, ToSchema)]
pub struct NewPassword {
    /// The present one; needed for one's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// At least 12 characters.
    pub new: String,
    /// Whether the user's personal tokens stay good; absent: they end.
    #[schema(required = false)]
    pub keep_tokens: bool,
}

impl Read for NewPassword {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (old, new) = (f.text_if("old"), f.text("new"));
        Some(Self { old, new, keep_tokens: f.truth_if("keep_tokens").unwrap_or_default() })
    }
}

/// Longest life of a personal token, in days.
pub const TOKEN_DAYS_MAX: i64 = 366;

/// A personal token that is asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// What it may be used for, at least one.
    pub scopes: Vec<Scope>,
    /// Days that it is good for, 1 to 366; absent: 90.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
}

impl Read for NewToken {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (name, scopes) = (f.words("name"), choices(f, "scopes"));
        if scopes.is_empty() {
            f.report_at("scopes", message!("empty_scopes"));
        }
        let days = f.whole_within_if("days", 1, TOKEN_DAYS_MAX);
        Some(Self { name, scopes, days })
    }
}

/// A personal token as it is listed, without its text.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Token {
    /// Id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A personal token as it is handed out, this once with its text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IssuedToken {
    /// To be sent as `Authorization: Bearer …`; it is not shown again.
    pub token: String,
    /// What is listed of it.
    #[serde(flatten)]
    pub listed: Token,
}

/// Who goes for a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Team {
    /// Names of users; they see the visit that the request is in.
    pub members: Vec<String>,
}

impl Read for Team {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        Some(Self { members: texts(f, "members") })
    }
}
