//! What draws, annual plans and campaigns name must be in the register.

use crate::app::access::Object;
use crate::app::error::Result;
use crate::app::register::catalogue::is_own_item;
use crate::domain::Defect;
use crate::message;
use crate::store::Tx;

/// Where something is that may be bound to an area.
pub(super) fn place(area: Option<&str>) -> Object {
    area.map_or_else(Object::everywhere, |area| Object::shared().in_area(area))
}

/// Every reference of a plan of a department that is not in the register, and items that are not its own.
pub(super) fn check_references(
    tx: &mut Tx<'_>,
    department: &str,
    items: &[String],
    area: Option<&str>,
) -> Result<Vec<Defect>> {
    let mut defects = Vec::new();
    let mut report = |pointer: &str, message| defects.push(Defect::at(pointer, message));
    if tx.department(department)?.is_none() {
        report("/department", message!("unknown-department_named", id = department));
    }
    for (i, id) in items.iter().enumerate() {
        match tx.item(id)? {
            None => {
                report(&format!("/items/{i}"), message!("unknown-item_named", id = id));
            }
            Some(item)
                if !is_own_item(
                    &item.value,
                    department,
                    &tx.bodies_of(department)?,
                    &tx.authorities_of(id)?,
                ) =>
            {
                let owner = &item.value.department;
                let message = message!(
                    "foreign-item_named",
                    id = id,
                    owner = owner,
                    department = department,
                );
                report(&format!("/items/{i}"), message);
            }
            Some(_) => {}
        }
    }
    if let Some(area) = area
        && tx.area(area)?.is_none()
    {
        report("/area", message!("unknown-area_named", id = area));
    }
    Ok(defects)
}
