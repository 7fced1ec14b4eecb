//! `onevisit audit`: the audit log proved, listed, and struck out.

use super::Failure;
use super::access::operator;
use super::terminal::line;
use crate::app::EventFilter;
use crate::app::access::{audit, users};
use crate::app::paging::Paging;
use crate::config::{Audit, AuditCommand};
use crate::message;
use chrono::NaiveTime;
use std::io::Write;

pub(super) fn run(args: &Audit) -> Result<(), Failure> {
    let (app, caller) = operator(&args.place, &args.reason)?;
    let mut out = std::io::stdout().lock();
    match &args.command {
        AuditCommand::Verify { head } => {
            let anchor = head.as_ref().map(|(seq, hash)| (*seq, hash.as_str()));
            let proof = audit::verify(&app, &caller, anchor)?;
            if let Some((seq, why)) = &proof.broken {
                line(&mut out, &message!("audit_broken", event = *seq, why = why.clone()))?;
                let before = proof.events.min(seq - 1);
                line(&mut out, &message!("audit_before", events = before))?;
                return Err(Failure::Invalid);
            }
            let upheld = message!(
                "audit_upheld",
                events = proof.events,
                struck = proof.struck,
                head = format!("{}:{}", proof.events, proof.hash)
            );
            line(&mut out, &upheld)?;
        }
        AuditCommand::List { actor, kind, id, before, limit } => {
            let (actor, kind, id) = (actor.clone(), kind.clone(), id.clone());
            let filter = EventFilter { actor, kind, id, from: None, to: None };
            let paging = Paging::new(before.map(|seq| seq.to_string()), Some(*limit))?;
            for event in audit::list(&app, &caller, &filter, &paging)?.items {
                let line = serde_json::to_string(&event).map_err(std::io::Error::from)?;
                writeln!(out, "{line}")?;
            }
        }
        AuditCommand::Strike { user, before, field } => {
            let user = match user {
                Some(name) => Some(users::by_name(&app, &caller, name)?.value.id),
                None => None,
            };
            let before = before.map(|day| day.and_time(NaiveTime::MIN).and_utc());
            let strike = audit::Strike { user, before, field: field.clone() };
            let count = audit::strike(&app, &caller, &strike)?;
            line(&mut out, &message!("audit_struck", events = count))?;
        }
    }
    Ok(())
}
