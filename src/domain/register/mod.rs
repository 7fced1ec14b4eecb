//! The rules of the register: where areas lie, who may do what in them, who may inspect whom when,
//! and what is asked on site. Plain facts in, answers out.

pub mod area;
pub mod authority;
pub mod days;
pub mod enterprise;
pub mod form;
pub mod grade;
pub mod item;
pub mod staff;
pub mod uptake;

#[cfg(test)]
mod tests;
