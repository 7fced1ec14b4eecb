//! Who may do what: roles of users, and what tokens are for.

use super::words::Worded;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

/// What a user is here for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// Files requests for a department.
    Filer,
    /// Heads a department: files, names who goes, keeps its pools.
    Head,
    /// Inspects; sees the visits that it is in the team of.
    Member,
    /// Keeps the register and plans, for all departments.
    Coordinator,
    /// Sets prices and targets, and publishes plans.
    Manager,
    /// Reads everything, and changes nothing.
    Supervisor,
    /// Keeps users, keys and the register.
    Administrator,
}

impl Worded for Role {}

impl Role {
    /// Whether it is a role within a department.
    pub fn is_departmental(self) -> bool {
        matches!(self, Self::Filer | Self::Head | Self::Member)
    }
}

/// What a personal token may be used for, at most; its user's roles bind it as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Scope {
    /// Read.
    Read,
    /// File and withdraw requests.
    File,
    /// Change the register.
    Register,
    /// Change policies, plan and publish.
    Plan,
}

impl Worded for Scope {}
