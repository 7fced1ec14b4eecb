//! Files and lists of anything in the register, the authority report, and merged check forms.

use crate::app::Error;
use crate::app::register::{authority, files};
use crate::domain::Language;
use crate::domain::words::Worded;
use crate::http::api::{
    Answer, ApiError, Auth, FileBody, PageQuery, Problems, Query, Shared, call,
};
use crate::message;
use crate::wire::paging::Page;
use crate::wire::register::authority::{AuthorityReport, CheckForm};
use crate::wire::register::{Kind, Record};
use crate::wire::tabular::{FileForm, ImportReport};
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

pub(in crate::http::api) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_records)
        .service(import_records)
        .service(export_records)
        .service(get_template)
        .service(get_authority_report)
        .service(get_check_form);
}

/// Type of a workbook.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Type of a CSV file.
const CSV: &str = "text/csv; charset=utf-8";

fn kind_of(text: &str) -> Result<Kind, Error> {
    Kind::parse(text).ok_or_else(|| Error::NotFound(message!("not-found_kind", kind = text)))
}

/// Records of any kind by key.
#[utoipa::path(tag = "register", params(("kind" = inline(Kind), Path, description = "What to list"), PageQuery), responses((status = OK, body = Page<Record>), Problems))]
#[get("/register/{kind}")]
async fn list_records(
    app: Shared,
    caller: Auth,
    kind: Path<String>,
    query: Query<PageQuery>,
) -> Answer<Page<Record>> {
    let (kind, paging) = (kind_of(&kind)?, query.into_inner().paging()?);
    call(&app, move |app| files::list(app, &caller.0, kind, &paging)).await.map(Json)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ImportQuery {
    /// Take exactly the rows without a defect; absent: all of the file or nothing.
    #[serde(default)]
    accept_good: bool,
}

/// Takes a file into the register: a CSV file (UTF-8 or GB18030) or an Excel workbook as the body, at
/// most 64 MiB. The report lists every defective row, and has those rows as a file to mend.
#[utoipa::path(
    tag = "register",
    params(("kind" = inline(Kind), Path, description = "What the file holds"), ImportQuery),
    request_body(content((Vec<u8> = "application/octet-stream"), (Vec<u8> = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses((status = OK, body = ImportReport), Problems)
)]
#[post("/register/{kind}/import")]
async fn import_records(
    app: Shared,
    caller: Auth,
    kind: Path<String>,
    query: Query<ImportQuery>,
    body: FileBody,
) -> Result<HttpResponse, ApiError> {
    let kind = kind_of(&kind)?;
    let accept_good = query.into_inner().accept_good;
    let work = move |app: &_| files::import(app, &caller.0, kind, &body.0, accept_good);
    let report: ImportReport = call(&app, work).await?;
    Ok(HttpResponse::Ok().json(report))
}

/// Form of a file.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum FormParam {
    /// An Excel workbook.
    #[default]
    Xlsx,
    /// CSV.
    Csv,
}

/// Language of a file.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum LangParam {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct FileQuery {
    /// Form of the file; absent: `xlsx`.
    #[serde(default)]
    #[param(inline)]
    form: FormParam,
    /// Language of headers and values; absent: `zh`.
    #[serde(default)]
    #[param(inline)]
    lang: LangParam,
}

impl FileQuery {
    pub(in crate::http::api) fn wanted(&self) -> (FileForm, Language) {
        let form = match self.form {
            FormParam::Xlsx => FileForm::Xlsx,
            FormParam::Csv => FileForm::Csv,
        };
        let lang = match self.lang {
            LangParam::Zh => Language::Zh,
            LangParam::En => Language::En,
        };
        (form, lang)
    }
}

/// A file to keep under a name.
pub(in crate::http::api) fn download(
    kind: &str,
    what: &str,
    form: FileForm,
    bytes: Vec<u8>,
) -> HttpResponse {
    let (mime, ending) = match form {
        FileForm::Xlsx => (XLSX, "xlsx"),
        FileForm::Csv => (CSV, "csv"),
    };
    let name = format!("attachment; filename=\"{kind}{what}.{ending}\"");
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, mime)).insert_header((CONTENT_DISPOSITION, name));
    response.body(bytes)
}

/// Everything of a kind as a file.
#[utoipa::path(
    tag = "register",
    params(("kind" = inline(Kind), Path, description = "What to write"), FileQuery),
    responses((status = OK, description = "The file", content((Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<u8> = "text/csv"))), Problems)
)]
#[get("/register/{kind}/export")]
async fn export_records(
    app: Shared,
    caller: Auth,
    kind: Path<String>,
    query: Query<FileQuery>,
) -> Result<HttpResponse, ApiError> {
    let (kind, wanted) = (kind_of(&kind)?, query.into_inner().wanted());
    let work = move |app: &_| {
        let mut bytes = Vec::new();
        files::export(app, &caller.0, kind, wanted, &mut bytes).map(|_| bytes)
    };
    Ok(download(kind.as_str(), "", wanted.0, call(&app, work).await?))
}

/// An empty file to fill in, with drop-down lists and comments.
#[utoipa::path(
    tag = "register",
    params(("kind" = inline(Kind), Path, description = "What the file is to hold"), FileQuery),
    responses((status = OK, description = "The file", content((Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<u8> = "text/csv"))), Problems)
)]
#[get("/register/{kind}/template")]
async fn get_template(
    app: Shared,
    _caller: Auth,
    kind: Path<String>,
    query: Query<FileQuery>,
) -> Result<HttpResponse, ApiError> {
    let (kind, wanted) = (kind_of(&kind)?, query.into_inner().wanted());
    let work = move |_: &_| {
        let mut bytes = Vec::new();
        files::template(kind, wanted, &mut bytes).map(|()| bytes)
    };
    Ok(download(kind.as_str(), "-template", wanted.0, call(&app, work).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DayQuery {
    /// The day; absent: today.
    #[serde(default, deserialize_with = "crate::http::api::day_if")]
    day: Option<NaiveDate>,
}

/// Who may do what where on a day: items that several bodies hold, items that nobody holds, and for
/// each town demand, capacity and risk of its items with what should be done.
#[utoipa::path(tag = "register", params(DayQuery), responses((status = OK, body = AuthorityReport), Problems))]
#[get("/authority-report")]
async fn get_authority_report(
    app: Shared,
    caller: Auth,
    query: Query<DayQuery>,
) -> Answer<AuthorityReport> {
    let day = query.into_inner().day;
    call(&app, move |app| authority::report(app, &caller.0, day)).await.map(Json)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct FormQuery {
    /// Ids of the items, separated by commas.
    items: String,
}

/// One form for the items of a visit, without doubled questions.
#[utoipa::path(tag = "register", params(FormQuery), responses((status = OK, body = CheckForm), Problems))]
#[get("/check-form")]
async fn get_check_form(app: Shared, caller: Auth, query: Query<FormQuery>) -> Answer<CheckForm> {
    let items = query.into_inner().items;
    let items: Vec<String> =
        items.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    call(&app, move |app| authority::check_form(app, &caller.0, &items)).await.map(Json)
}
