//! Who may do what: one pure function, [`decide`], for the API, pages and the command line.
//!
//! A role gives an action a breadth: nobody's things, those of the visits one is in the team of, those of
//! one's departments, or everybody's. Areas bind a user in all roles. A personal token's scopes bind it
//! further. [`reach`] says the same for lists; [`decide`] is made of it, so that the two cannot differ.

pub mod audit;
pub(super) mod changes;
pub mod guesses;
pub mod login;
pub mod passwords;
pub mod tokens;
pub mod users;

use super::error::{Error, Result};
use crate::domain::words::Worded;
use crate::domain::{Argument, Message};
use crate::message;
use crate::store::{Bounds, Tx};
use crate::wire::access::user::{Role, Scope, User};
use serde::{Deserialize, Serialize};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Read areas, departments, enterprises, items and scenarios.
    ReadRegister,
    /// Change them.
    ChangeRegister,
    /// Read pools of inspectors.
    ReadStaff,
    /// Change them.
    ChangeStaff,
    /// Read requests, and who goes for them.
    ReadRequest,
    /// File and withdraw requests.
    FileRequest,
    /// Approve requests, or refuse to.
    Approve,
    /// Merge, move and cancel requests, and have them settled off site.
    Coordinate,
    /// Ask what is planned at an enterprise before filing.
    Advise,
    /// Read rule packs.
    ReadRules,
    /// Put a rule pack into force.
    ChangeRules,
    /// Say who goes for a request.
    SetTeam,
    /// Read visits.
    ReadVisit,
    /// Read random draws.
    ReadDraw,
    /// Make up and reveal them.
    Draw,
    /// Read annual plans and campaigns.
    ReadInspectionPlan,
    /// Draw them up.
    DraftInspectionPlan,
    /// Approve an annual plan; file, publish and close any.
    SettleInspectionPlan,
    /// Record that a campaign was approved above the department.
    ApproveCampaign,
    /// Read policies and targets.
    ReadPolicy,
    /// Change them.
    ChangePolicy,
    /// Read runs, problems and plans.
    ReadPlan,
    /// Start and stop runs.
    Plan,
    /// Publish a plan.
    Publish,
    /// Read alarms of repeated visits.
    ReadAlarms,
    /// Read the audit log.
    ReadRecord,
    /// Strike what is personal out of the audit log.
    Strike,
    /// Read users.
    ReadUsers,
    /// Add and change users.
    ChangeUsers,
    /// Change keys that sign tokens.
    ChangeKeys,
    /// See who one is.
    Me,
    /// Keep one's own password, tokens and session.
    OwnAccount,
}

/// Where a thing is, as far as areas bind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// In no area: bound by none.
    #[default]
    Nowhere,
    /// In an area.
    In(String),
    /// In all of them: only for those who are bound to none.
    Everywhere,
}

/// The thing that something is asked of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// Ids of the departments whose it is.
    pub departments: Vec<String>,
    /// Where it is.
    pub place: Place,
    /// Ids of the users who are in its team.
    pub team: Vec<String>,
}

impl Object {
    /// A thing of nobody in particular.
    pub fn shared() -> Self {
        Self::default()
    }

    /// A thing that concerns every area.
    pub fn everywhere() -> Self {
        Self { place: Place::Everywhere, ..Self::default() }
    }

    /// A department's.
    pub fn of(department: &str) -> Self {
        Self { departments: vec![department.into()], ..Self::default() }
    }

    /// The same in an area.
    pub fn in_area(self, area: &str) -> Self {
        Self { place: Place::In(area.into()), ..self }
    }
}

/// Who asks, as far as the policy goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// Id of the user.
    pub id: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Departments acted for.
    pub departments: Vec<String>,
    /// Areas bound to, each with those that lie in it; absent: everywhere.
    pub areas: Option<Vec<String>>,
    /// What a personal token may be used for; absent: it is the user in person.
    pub scopes: Option<Vec<Scope>>,
    /// The service itself, or whoever may run the program where its database is: bound by nothing.
    pub is_operator: bool,
}

/// Whose things an action reaches in a role; the later, the wider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Breadth {
    Nobody,
    Team,
    Department,
    All,
}

/// The policy: what each role may do, and to whose things.
fn breadth(role: Role, action: Action) -> Breadth {
    use Breadth::{All, Department, Nobody, Team};
    use Role::{Administrator, Coordinator, Filer, Head, Manager, Member, Supervisor};
    match action {
        Action::Me
        | Action::OwnAccount
        | Action::ReadRegister
        | Action::ReadPolicy
        | Action::ReadRules => All,
        Action::ChangeRegister => match role {
            Coordinator | Administrator => All,
            _ => Nobody,
        },
        Action::ReadStaff => match role {
            Filer | Head | Member => Department,
            Coordinator | Manager | Supervisor | Administrator => All,
        },
        Action::ChangeStaff => match role {
            Head => Department,
            Coordinator | Administrator => All,
            _ => Nobody,
        },
        Action::ReadRequest | Action::ReadVisit => match role {
            Member => Team,
            Filer | Head => Department,
            Coordinator | Manager | Supervisor => All,
            Administrator => Nobody,
        },
        Action::ReadDraw | Action::ReadInspectionPlan => match role {
            Filer | Head => Department,
            Coordinator | Manager | Supervisor => All,
            Member | Administrator => Nobody,
        },
        Action::FileRequest | Action::DraftInspectionPlan => match role {
            Filer | Head => Department,
            Coordinator => All,
            _ => Nobody,
        },
        Action::Approve => match role {
            Head => Department,
            _ => Nobody,
        },
        Action::Coordinate => match role {
            Coordinator => All,
            _ => Nobody,
        },
        Action::Advise => match role {
            Filer | Head => Department,
            Coordinator | Manager | Supervisor => All,
            _ => Nobody,
        },
        Action::SetTeam | Action::Draw | Action::SettleInspectionPlan => match role {
            Head => Department,
            Coordinator => All,
            _ => Nobody,
        },
        Action::ApproveCampaign => match role {
            Coordinator => All,
            _ => Nobody,
        },
        Action::ReadPlan | Action::ReadAlarms => match role {
            Coordinator | Manager | Supervisor => All,
            _ => Nobody,
        },
        Action::Plan => match role {
            Coordinator | Manager => All,
            _ => Nobody,
        },
        Action::ChangePolicy | Action::ChangeRules | Action::Publish => match role {
            Manager => All,
            _ => Nobody,
        },
        Action::ReadRecord | Action::ReadUsers => match role {
            Supervisor | Administrator => All,
            _ => Nobody,
        },
        Action::Strike | Action::ChangeUsers | Action::ChangeKeys => match role {
            Administrator => All,
            _ => Nobody,
        },
    }
}

/// The scope that a personal token needs; `None`: only its user in person may.
fn scope(action: Action) -> Option<Scope> {
    match action {
        Action::Me
        | Action::ReadRegister
        | Action::ReadStaff
        | Action::ReadRequest
        | Action::ReadVisit
        | Action::ReadDraw
        | Action::ReadInspectionPlan
        | Action::ReadPolicy
        | Action::ReadRules
        | Action::Advise
        | Action::ReadPlan
        | Action::ReadAlarms
        | Action::ReadRecord
        | Action::ReadUsers => Some(Scope::Read),
        Action::FileRequest
        | Action::Approve
        | Action::Coordinate
        | Action::SetTeam
        | Action::Draw
        | Action::DraftInspectionPlan
        | Action::SettleInspectionPlan
        | Action::ApproveCampaign => Some(Scope::File),
        Action::ChangeRegister | Action::ChangeStaff => Some(Scope::Register),
        Action::ChangePolicy | Action::ChangeRules | Action::Plan | Action::Publish => {
            Some(Scope::Plan)
        }
        Action::Strike | Action::ChangeUsers | Action::ChangeKeys | Action::OwnAccount => None,
    }
}

/// The error of a user that there is not.
fn no_such_user(user: &str) -> Error {
    Error::NotFound(message!("not-found_user", user = user))
}

/// Why something is refused, and who may do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub Message);

/// The roles that may do something, to things of whomever.
fn who_may(action: Action) -> Argument {
    Role::ALL
        .iter()
        .copied()
        .filter(|role| breadth(*role, action) != Breadth::Nobody)
        .map(role_in_words)
        .collect()
}

fn role_in_words(role: Role) -> Message {
    match role {
        Role::Filer => message!("role_filer"),
        Role::Head => message!("role_head"),
        Role::Member => message!("role_member"),
        Role::Coordinator => message!("role_coordinator"),
        Role::Manager => message!("role_manager"),
        Role::Supervisor => message!("role_supervisor"),
        Role::Administrator => message!("role_administrator"),
    }
}

fn scope_missing(action: Action) -> Refusal {
    Refusal(match scope(action) {
        Some(scope) => message!("scope-missing", scope = scope.as_str()),
        None => message!("scope-missing_in-person"),
    })
}

/// Whose things an action reaches.
pub fn reach(actor: &Actor, action: Action) -> std::result::Result<Bounds, Refusal> {
    if actor.is_operator {
        return Ok(Bounds::default());
    }
    let is_in_scope = |scopes: &Vec<Scope>| scope(action).is_some_and(|s| scopes.contains(&s));
    if !actor.scopes.as_ref().is_none_or(is_in_scope) {
        return Err(scope_missing(action));
    }
    let widest = actor.roles.iter().map(|role| breadth(*role, action)).max();
    let everybody = Bounds { areas: actor.areas.clone(), ..Bounds::default() };
    match widest.unwrap_or(Breadth::Nobody) {
        Breadth::Nobody => Err(Refusal(message!("forbidden", roles = who_may(action)))),
        Breadth::Team => Ok(Bounds { person: Some(actor.id.clone()), ..everybody }),
        Breadth::Department => {
            Ok(Bounds { departments: Some(actor.departments.clone()), ..everybody })
        }
        Breadth::All => Ok(everybody),
    }
}

/// Whether somebody may do something to a thing, or why not.
pub fn decide(actor: &Actor, action: Action, object: &Object) -> std::result::Result<(), Refusal> {
    let Bounds { departments, areas, person } = reach(actor, action)?;
    let has_any = |own: &Vec<String>, wanted: &[String]| wanted.iter().any(|id| own.contains(id));
    let is_of_department = departments.is_none_or(|own| has_any(&own, &object.departments));
    let is_in_area = areas.is_none_or(|own| match &object.place {
        Place::Nowhere => true,
        Place::In(area) => own.contains(area),
        Place::Everywhere => false,
    });
    let is_in_team = person.is_none_or(|id| object.team.contains(&id));
    if is_of_department && is_in_area && is_in_team {
        return Ok(());
    }
    let roles = who_may(action);
    Err(Refusal(if !is_of_department && !object.departments.is_empty() {
        let departments = object.departments.clone();
        message!("not-yours_department", departments = departments, roles = roles)
    } else if !is_in_team {
        message!("not-yours_team", roles = roles)
    } else {
        match &object.place {
            Place::In(area) if !is_in_area => {
                message!("not-yours_area", area = area, roles = roles)
            }
            Place::Everywhere if !is_in_area => message!("not-yours_every-area", roles = roles),
            _ => message!("not-yours", roles = roles),
        }
    }))
}

/// Where a call came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// `api`, `cli` or `service`.
    pub channel: String,
    /// The address of the peer.
    pub address: Option<String>,
    /// Id of the HTTP request.
    pub request: Option<String>,
    /// Why, in the caller's words.
    pub reason: Option<String>,
}

/// Who asks for something. Every use case takes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Name, as it is recorded beside what the caller did.
    pub name: String,
    /// What the policy judges.
    pub actor: Actor,
    /// Where the call came from.
    pub origin: Origin,
    /// What proves it, to be looked at again while a call goes on.
    pub proof: Proof,
}

/// What proves who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Nothing is needed: a part of the service, or whoever may run the program.
    Operator,
    /// A token of the session of this id.
    Session(String),
    /// The personal token of this id.
    Token(String),
    /// A token of the outside issuer, good until this instant, in seconds of Unix time.
    Outside(i64),
}

impl Caller {
    /// A part of the service itself: the planner, the demo.
    pub fn service(name: &str) -> Self {
        let origin = Origin { channel: "service".into(), ..Origin::default() };
        let actor = Actor { id: name.into(), is_operator: true, ..Actor::default() };
        Self { name: name.into(), actor, origin, proof: Proof::Operator }
    }

    /// Whoever may run the program where its database is.
    pub fn local() -> Self {
        let origin = Origin { channel: "cli".into(), ..Origin::default() };
        Self { origin, ..Self::service("local") }
    }

    /// A user, who must not be shut out.
    pub(super) fn user(
        tx: &mut Tx<'_>,
        user: User,
        scopes: Option<Vec<Scope>>,
        proof: Proof,
    ) -> Result<Self> {
        let User { id, name, access, disabled: _, created_at: _ } = user;
        let is_bound = !access.areas.is_empty();
        let areas = if is_bound { Some(tx.areas_within(access.areas)?) } else { None };
        let (roles, departments) = (access.roles, access.departments);
        let actor = Actor { id, roles, departments, areas, scopes, is_operator: false };
        Ok(Self { name, actor, origin: Origin::default(), proof })
    }

    /// What the audit log says of the caller, for work that goes on without them.
    pub(super) fn signature(&self) -> Result<String> {
        let signature = (&self.actor.id, &self.name, &self.origin);
        serde_json::to_string(&signature).map_err(|error| Error::Internal(error.to_string()))
    }

    /// Who signed. They are not here: what is done is signed by them, and nothing is allowed to them.
    pub(super) fn signing(signature: &str) -> Result<Self> {
        let damaged = |error| Error::Internal(format!("a signature: {error}"));
        let (id, name, origin) = serde_json::from_str(signature).map_err(damaged)?;
        let actor = Actor { id, ..Actor::default() };
        Ok(Self { name, actor, origin, proof: Proof::Operator })
    }

    /// The same, coming from there.
    pub fn from(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The same, with a reason.
    pub fn because(mut self, reason: Option<String>) -> Self {
        self.origin.reason = reason;
        self
    }

    /// Refuses what the policy does.
    pub fn may(&self, action: Action, object: &Object) -> Result<()> {
        decide(&self.actor, action, object).map_err(Error::from)
    }

    /// Whose things the caller's action reaches.
    pub fn reach(&self, action: Action) -> Result<Bounds> {
        reach(&self.actor, action).map_err(Error::from)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Forbidden(refusal.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(decided: std::result::Result<(), Refusal>) -> std::result::Result<(), String> {
        decided.map_err(|refusal| refusal.0.code().to_owned())
    }

    fn actor(roles: &[Role]) -> Actor {
        Actor {
            id: "u".into(),
            roles: roles.to_vec(),
            departments: vec!["fire".into()],
            ..Actor::default()
        }
    }

    #[test]
    fn a_supervisor_changes_nothing_and_an_operator_everything() {
        let changes = [
            Action::ChangeRegister,
            Action::ChangeStaff,
            Action::FileRequest,
            Action::Approve,
            Action::Coordinate,
            Action::SetTeam,
            Action::Draw,
            Action::DraftInspectionPlan,
            Action::SettleInspectionPlan,
            Action::ApproveCampaign,
            Action::ChangePolicy,
            Action::ChangeRules,
            Action::Plan,
            Action::Publish,
            Action::Strike,
            Action::ChangeUsers,
            Action::ChangeKeys,
        ];
        let operator = Caller::local();
        for action in changes {
            let supervisor = actor(&[Role::Supervisor]);
            assert_eq!(
                code(decide(&supervisor, action, &Object::of("fire"))),
                Err("forbidden".to_owned())
            );
            assert!(operator.may(action, &Object::everywhere()).is_ok());
        }
    }

    #[test]
    fn of_several_roles_the_widest_counts_and_areas_bind_all_of_them() {
        let mut both = actor(&[Role::Member, Role::Filer]);
        let own = Object::of("fire").in_area("east");
        assert_eq!(decide(&both, Action::ReadRequest, &own), Ok(()));
        assert_eq!(
            code(decide(&both, Action::ReadRequest, &Object::of("health"))),
            Err("not-yours".to_owned())
        );
        both.areas = Some(vec!["west".into()]);
        assert_eq!(code(decide(&both, Action::ReadRequest, &own)), Err("not-yours".to_owned()));
        assert_eq!(decide(&both, Action::ReadRequest, &Object::of("fire")), Ok(()), "in no area");
        let mut manager = actor(&[Role::Manager]);
        assert_eq!(decide(&manager, Action::Publish, &Object::everywhere()), Ok(()));
        manager.areas = Some(vec!["west".into()]);
        assert_eq!(
            code(decide(&manager, Action::Publish, &Object::everywhere())),
            Err("not-yours".to_owned())
        );
        let there = own.in_area("west");
        assert_eq!(decide(&manager, Action::ReadVisit, &there), Ok(()));
    }

    #[test]
    fn a_member_sees_the_teams_own_and_nobody_sees_by_no_role() {
        let member = actor(&[Role::Member]);
        let foreign = Object::of("fire");
        assert_eq!(code(decide(&member, Action::ReadVisit, &foreign)), Err("not-yours".to_owned()));
        let own = Object { team: vec!["u".into()], ..foreign };
        assert_eq!(decide(&member, Action::ReadVisit, &own), Ok(()));
        assert_eq!(
            code(decide(&actor(&[]), Action::ReadRegister, &own)),
            Err("forbidden".to_owned())
        );
    }

    #[test]
    fn a_refusal_names_whose_it_is() {
        let said = |actor: &Actor, action, object: &Object| {
            decide(actor, action, object).map_err(|refusal| refusal.0.to_string())
        };
        let mut filer = actor(&[Role::Filer]);
        let roles = r#"["(role_filer)", "(role_head)", "(role_coordinator)"]"#;
        assert_eq!(
            said(&filer, Action::FileRequest, &Object::of("health").in_area("east")),
            Err(format!(r#"not-yours_department departments=["\"health\""] roles={roles}"#))
        );
        filer.areas = Some(vec!["west".into()]);
        assert_eq!(
            said(&filer, Action::FileRequest, &Object::of("fire").in_area("east")),
            Err(format!(r#"not-yours_area area="east" roles={roles}"#))
        );
        let manager = Actor { areas: filer.areas, ..actor(&[Role::Manager]) };
        assert_eq!(
            said(&manager, Action::Publish, &Object::everywhere()),
            Err(r#"not-yours_every-area roles=["(role_manager)"]"#.into())
        );
        let stranger = said(&actor(&[Role::Member]), Action::ReadVisit, &Object::of("fire"));
        assert!(stranger.is_err_and(|said| said.starts_with("not-yours_team roles=")));
        // a thing of nobody's is none of a department's
        let shared = said(&actor(&[Role::Filer]), Action::FileRequest, &Object::shared());
        assert_eq!(shared, Err(format!("not-yours roles={roles}")));
    }

    #[test]
    fn a_tokens_scopes_bind_beside_its_users_roles() {
        let mut head = actor(&[Role::Head]);
        head.scopes = Some(vec![Scope::Read]);
        let own = Object::of("fire");
        assert_eq!(decide(&head, Action::ReadRequest, &own), Ok(()));
        assert_eq!(code(decide(&head, Action::FileRequest, &own)), Err("scope-missing".to_owned()));
        head.scopes = Some(Scope::ALL.to_vec());
        assert_eq!(decide(&head, Action::FileRequest, &own), Ok(()));
        assert_eq!(
            code(decide(&head, Action::OwnAccount, &own)),
            Err("scope-missing".to_owned()),
            "in person only"
        );
        assert_eq!(code(decide(&head, Action::Publish, &own)), Err("forbidden".to_owned()));
    }
}
