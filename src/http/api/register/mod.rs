//! Areas, departments, pools, enterprises, items and scenarios.

pub(super) mod files;

use super::{
    Answer, ApiError, Auth, Body, IfMatch, PageQuery, Problems, Query, Shared, call, created,
    id_differs, versioned,
};
use crate::app::{EnterpriseFilter, register};
use crate::wire::paging::Page;
use crate::wire::register::scenario::Scenario;
use crate::wire::register::{Area, Department, Enterprise, Grade, Item, Pool};
use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, get, post, put};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_areas)
        .service(get_area)
        .service(add_area)
        .service(list_departments)
        .service(get_department)
        .service(add_department)
        .service(list_pools)
        .service(get_pool)
        .service(add_pool)
        .service(replace_pool)
        .service(list_enterprises)
        .service(get_enterprise)
        .service(add_enterprise)
        .service(list_items)
        .service(get_item)
        .service(add_item)
        .service(list_scenarios)
        .service(get_scenario)
        .service(add_scenario);
}

type Response = Result<HttpResponse, ApiError>;

/// Areas by id.
#[utoipa::path(tag = "register", params(PageQuery), responses((status = OK, body = Page<Area>), Problems))]
#[get("/areas")]
async fn list_areas(app: Shared, caller: Auth, query: Query<PageQuery>) -> Answer<Page<Area>> {
    let paging = query.into_inner().paging()?;
    call(&app, move |app| register::areas(app, &caller.0, &paging)).await.map(Json)
}

/// An area.
#[utoipa::path(tag = "register", responses((status = OK, body = Area), Problems))]
#[get("/areas/{id}")]
async fn get_area(app: Shared, caller: Auth, id: Path<String>) -> Response {
    let found = call(&app, move |app| register::area(app, &caller.0, &id)).await?;
    Ok(versioned(found.version, &found.value))
}

/// Adds an area.
#[utoipa::path(tag = "register", request_body = Area, responses((status = CREATED, body = Area, headers(("Location" = String, description = "Its address"))), Problems))]
#[post("/areas")]
async fn add_area(app: Shared, caller: Auth, body: Body<Area>) -> Response {
    let area = body.0.into_inner();
    let value = area.clone();
    call(&app, move |app| register::add_area(app, &caller.0, &value)).await?;
    Ok(created("areas", &area.id, &area))
}

/// Departments by id.
#[utoipa::path(tag = "register", params(PageQuery), responses((status = OK, body = Page<Department>), Problems))]
#[get("/departments")]
async fn list_departments(
    app: Shared,
    caller: Auth,
    query: Query<PageQuery>,
) -> Answer<Page<Department>> {
    let paging = query.into_inner().paging()?;
    call(&app, move |app| register::departments(app, &caller.0, &paging)).await.map(Json)
}

/// A department.
#[utoipa::path(tag = "register", responses((status = OK, body = Department), Problems))]
#[get("/departments/{id}")]
async fn get_department(app: Shared, caller: Auth, id: Path<String>) -> Response {
    let found = call(&app, move |app| register::department(app, &caller.0, &id)).await?;
    Ok(versioned(found.version, &found.value))
}

/// Adds a department.
#[utoipa::path(tag = "register", request_body = Department, responses((status = CREATED, body = Department, headers(("Location" = String, description = "Its address"))), Problems))]
#[post("/departments")]
async fn add_department(app: Shared, caller: Auth, body: Body<Department>) -> Response {
    let department = body.0.into_inner();
    let value = department.clone();
    call(&app, move |app| register::add_department(app, &caller.0, &value)).await?;
    Ok(created("departments", &department.id, &department))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DepartmentQuery {
    /// Only those of this department.
    department: Option<String>,
    /// The last page's `next`.
    cursor: Option<String>,
    /// Elements of the page, 1 to 1,000; absent: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// Pools by id.
#[utoipa::path(tag = "register", params(DepartmentQuery), responses((status = OK, body = Page<Pool>), Problems))]
#[get("/pools")]
async fn list_pools(
    app: Shared,
    caller: Auth,
    query: Query<DepartmentQuery>,
) -> Answer<Page<Pool>> {
    let DepartmentQuery { department, cursor, limit } = query.into_inner();
    let paging = PageQuery { cursor, limit }.paging()?;
    let work = move |app: &_| register::pools(app, &caller.0, department.as_deref(), &paging);
    call(&app, work).await.map(Json)
}

/// A pool, with the ETag that an update needs.
#[utoipa::path(tag = "register", responses((status = OK, body = Pool, headers(("ETag" = String, description = "Its version, for If-Match"))), Problems))]
#[get("/pools/{id}")]
async fn get_pool(app: Shared, caller: Auth, id: Path<String>) -> Response {
    let found = call(&app, move |app| register::pool(app, &caller.0, &id)).await?;
    Ok(versioned(found.version, &found.value))
}

/// Adds a pool.
#[utoipa::path(tag = "register", request_body = Pool, responses((status = CREATED, body = Pool, headers(("Location" = String, description = "Its address"))), Problems))]
#[post("/pools")]
async fn add_pool(app: Shared, caller: Auth, body: Body<Pool>) -> Response {
    let pool = body.0.into_inner();
    let value = pool.clone();
    call(&app, move |app| register::add_pool(app, &caller.0, &value)).await?;
    Ok(created("pools", &pool.id, &pool))
}

/// Replaces a pool.
#[utoipa::path(
    tag = "register",
    request_body = Pool,
    params(("If-Match" = String, Header, description = "The ETag it was read with")),
    responses((status = OK, body = Pool, headers(("ETag" = String, description = "Its version, for If-Match"))), Problems)
)]
#[put("/pools/{id}")]
async fn replace_pool(
    app: Shared,
    caller: Auth,
    id: Path<String>,
    version: IfMatch,
    body: Body<Pool>,
) -> Response {
    let pool = body.0.into_inner();
    if pool.id != *id {
        return Err(id_differs(&pool.id, &id).into());
    }
    let value = pool.clone();
    let work = move |app: &_| register::replace_pool(app, &caller.0, &value, version.0);
    let version = call(&app, work).await?;
    Ok(versioned(version, &pool))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct EnterpriseQuery {
    /// Only those in this area.
    area: Option<String>,
    /// Only those whose class of GB/T 4754 begins so.
    industry: Option<String>,
    /// Only those of this risk.
    #[param(inline)]
    risk: Option<Grade>,
    /// The last page's `next`.
    cursor: Option<String>,
    /// Elements of the page, 1 to 1,000; absent: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// Enterprises by code.
#[utoipa::path(tag = "register", params(EnterpriseQuery), responses((status = OK, body = Page<Enterprise>), Problems))]
#[get("/enterprises")]
async fn list_enterprises(
    app: Shared,
    caller: Auth,
    query: Query<EnterpriseQuery>,
) -> Answer<Page<Enterprise>> {
    let EnterpriseQuery { area, industry, risk, cursor, limit } = query.into_inner();
    let paging = PageQuery { cursor, limit }.paging()?;
    let filter = EnterpriseFilter { area, industry, risk };
    call(&app, move |app| register::enterprises(app, &caller.0, &filter, &paging)).await.map(Json)
}

/// An enterprise, by its unified social credit code.
#[utoipa::path(tag = "register", responses((status = OK, body = Enterprise), Problems))]
#[get("/enterprises/{id}")]
async fn get_enterprise(app: Shared, caller: Auth, id: Path<String>) -> Response {
    let found = call(&app, move |app| register::enterprise(app, &caller.0, &id)).await?;
    Ok(versioned(found.version, &found.value))
}

/// Adds an enterprise.
#[utoipa::path(tag = "register", request_body = Enterprise, responses((status = CREATED, body = Enterprise, headers(("Location" = String, description = "Its address"))), Problems))]
#[post("/enterprises")]
async fn add_enterprise(app: Shared, caller: Auth, body: Body<Enterprise>) -> Response {
    let enterprise = body.0.into_inner();
    let value = enterprise.clone();
    call(&app, move |app| register::add_enterprises(app, &caller.0, &[value])).await?;
    Ok(created("enterprises", &enterprise.id, &enterprise))
}

/// Items by id.
#[utoipa::path(tag = "register", params(DepartmentQuery), responses((status = OK, body = Page<Item>), Problems))]
#[get("/items")]
async fn list_items(
    app: Shared,
    caller: Auth,
    query: Query<DepartmentQuery>,
) -> Answer<Page<Item>> {
    let DepartmentQuery { department, cursor, limit } = query.into_inner();
    let paging = PageQuery { cursor, limit }.paging()?;
    let work = move |app: &_| register::items(app, &caller.0, department.as_deref(), &paging);
    call(&app, work).await.map(Json)
}

/// An item.
#[utoipa::path(tag = "register", responses((status = OK, body = Item), Problems))]
#[get("/items/{id}")]
async fn get_item(app: Shared, caller: Auth, id: Path<String>) -> Response {
    let found = call(&app, move |app| register::item(app, &caller.0, &id)).await?;
    Ok(versioned(found.version, &found.value))
}

/// Adds an item.
#[utoipa::path(tag = "register", request_body = Item, responses((status = CREATED, body = Item, headers(("Location" = String, description = "Its address"))), Problems))]
#[post("/items")]
async fn add_item(app: Shared, caller: Auth, body: Body<Item>) -> Response {
    let item = body.0.into_inner();
    let value = item.clone();
    call(&app, move |app| register::add_item(app, &caller.0, &value)).await?;
    Ok(created("items", &item.id, &item))
}

/// Scenarios by id.
#[utoipa::path(tag = "register", params(PageQuery), responses((status = OK, body = Page<Scenario>), Problems))]
#[get("/scenarios")]
async fn list_scenarios(
    app: Shared,
    caller: Auth,
    query: Query<PageQuery>,
) -> Answer<Page<Scenario>> {
    let paging = query.into_inner().paging()?;
    call(&app, move |app| register::scenarios(app, &caller.0, &paging)).await.map(Json)
}

/// A scenario.
#[utoipa::path(tag = "register", responses((status = OK, body = Scenario), Problems))]
#[get("/scenarios/{id}")]
async fn get_scenario(app: Shared, caller: Auth, id: Path<String>) -> Response {
    let found = call(&app, move |app| register::scenario(app, &caller.0, &id)).await?;
    Ok(versioned(found.version, &found.value))
}

/// Adds a scenario, with those of its departments and items that are new. Adding the same one again
/// changes nothing.
#[utoipa::path(tag = "register", request_body = Scenario, responses((status = CREATED, body = Scenario, headers(("Location" = String, description = "Its address"))), (status = OK, body = Scenario, description = "It exists already"), Problems))]
#[post("/scenarios")]
async fn add_scenario(app: Shared, caller: Auth, body: Body<Scenario>) -> Response {
    let scenario = body.0.into_inner();
    let value = scenario.clone();
    let is_new = call(&app, move |app| register::add_scenario(app, &caller.0, &value)).await?;
    if is_new {
        Ok(created("scenarios", &scenario.id, &scenario))
    } else {
        Ok(HttpResponse::Ok().json(scenario))
    }
}
