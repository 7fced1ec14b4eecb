-- The register in full: where areas and departments stand, who may inspect, who is spared when, what
-- an item asks for, and which body may do which item where.
ALTER TABLE areas ADD COLUMN level TEXT NOT NULL DEFAULT 'town'
    CHECK (level IN ('city', 'county', 'town', 'village'));
ALTER TABLE areas ADD COLUMN parent_id TEXT REFERENCES areas (id);

ALTER TABLE departments ADD COLUMN level TEXT CHECK (level IN ('city', 'county', 'town', 'village'));
ALTER TABLE departments ADD COLUMN area_id TEXT REFERENCES areas (id);

ALTER TABLE enterprises ADD COLUMN subject TEXT NOT NULL DEFAULT 'enterprise'
    CHECK (subject IN ('enterprise', 'individual_business', 'partnership', 'farm_cooperative',
        'public_institution', 'social_group'));
ALTER TABLE enterprises ADD COLUMN longitude_microdegrees INTEGER;
ALTER TABLE enterprises ADD COLUMN latitude_microdegrees INTEGER;
ALTER TABLE enterprises ADD COLUMN is_joint_opt_out INTEGER NOT NULL DEFAULT FALSE;
-- Days of the week on which it is open, 1 (Monday) to 7.
ALTER TABLE enterprises ADD COLUMN open_weekdays TEXT NOT NULL DEFAULT '1234567';

ALTER TABLE items ADD COLUMN legal_basis TEXT;
ALTER TABLE items ADD COLUMN method TEXT NOT NULL DEFAULT 'on_site'
    CHECK (method IN ('on_site', 'off_site_possible', 'unannounced'));
ALTER TABLE items ADD COLUMN qualification TEXT;
ALTER TABLE items ADD COLUMN published_from TEXT;
ALTER TABLE items ADD COLUMN published_to TEXT;
ALTER TABLE items ADD COLUMN notice_days INTEGER NOT NULL DEFAULT 0 CHECK (notice_days >= 0);
ALTER TABLE items ADD COLUMN valid_days INTEGER NOT NULL DEFAULT 0 CHECK (valid_days >= 0);

-- Bodies that may inspect, and coordinators, which may only convene.
CREATE TABLE bodies (
    id TEXT NOT NULL PRIMARY KEY,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    department_id TEXT NOT NULL REFERENCES departments (id),
    area_id TEXT NOT NULL REFERENCES areas (id),
    role TEXT NOT NULL CHECK (role IN ('inspects', 'convenes')),
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX bodies_by_department ON bodies (department_id, id);

-- Qualifications are a JSON list of texts.
CREATE TABLE inspectors (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    body_id TEXT NOT NULL REFERENCES bodies (id),
    pool_id TEXT REFERENCES pools (id),
    certificate TEXT NOT NULL,
    certificate_from TEXT NOT NULL,
    certificate_to TEXT NOT NULL,
    qualifications TEXT NOT NULL,
    minutes INTEGER NOT NULL CHECK (minutes >= 0),
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX inspectors_by_body ON inspectors (body_id, id);
CREATE INDEX inspectors_by_pool ON inspectors (pool_id, id);

-- The ids of what follows are made of what each row is about.
CREATE TABLE absences (
    id TEXT NOT NULL PRIMARY KEY,
    inspector_id TEXT NOT NULL REFERENCES inspectors (id),
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    reason TEXT,
    version INTEGER NOT NULL,
    CHECK (first_day <= last_day)
) STRICT;

CREATE INDEX absences_by_last_day ON absences (last_day);

CREATE TABLE recusals (
    id TEXT NOT NULL PRIMARY KEY,
    inspector_id TEXT NOT NULL REFERENCES inspectors (id),
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    reason TEXT,
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX recusals_by_enterprise ON recusals (enterprise_id);

-- Risk and credit grade of an enterprise from a day on.
CREATE TABLE grades (
    id TEXT NOT NULL PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    from_day TEXT NOT NULL,
    risk TEXT NOT NULL CHECK (risk IN ('A', 'B', 'C', 'D')),
    credit_grade TEXT NOT NULL CHECK (credit_grade IN ('A', 'B', 'C', 'D')),
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX grades_by_enterprise ON grades (enterprise_id, from_day);

-- Who is spared without cause: by one department, or (department_id is null) by all.
CREATE TABLE listings (
    id TEXT NOT NULL PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    list TEXT NOT NULL CHECK (list IN ('white_list', 'no_disturb')),
    department_id TEXT REFERENCES departments (id),
    first_day TEXT NOT NULL,
    last_day TEXT,
    note TEXT,
    version INTEGER NOT NULL,
    CHECK (first_day <= last_day)
) STRICT;

CREATE INDEX listings_by_enterprise ON listings (enterprise_id);

-- Quiet days of an enterprise or of an area and what lies in it: all days, or those of each month
-- from month_first to month_last.
CREATE TABLE quiet_periods (
    id TEXT NOT NULL PRIMARY KEY,
    enterprise_id TEXT REFERENCES enterprises (id),
    area_id TEXT REFERENCES areas (id),
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    month_first INTEGER,
    month_last INTEGER,
    note TEXT,
    version INTEGER NOT NULL,
    CHECK (first_day <= last_day),
    CHECK ((enterprise_id IS NULL) <> (area_id IS NULL)),
    CHECK ((month_first IS NULL) = (month_last IS NULL))
) STRICT;

CREATE INDEX quiet_periods_by_enterprise ON quiet_periods (enterprise_id);

-- Days on which an enterprise is closed, beside those of the week.
CREATE TABLE closures (
    id TEXT NOT NULL PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    reason TEXT,
    version INTEGER NOT NULL,
    CHECK (first_day <= last_day)
) STRICT;

CREATE INDEX closures_by_enterprise ON closures (enterprise_id);

-- What is asked on site for an item; checks of one standard are one question.
CREATE TABLE checks (
    id TEXT NOT NULL PRIMARY KEY,
    item_id TEXT NOT NULL REFERENCES items (id),
    number INTEGER NOT NULL,
    standard TEXT,
    text_zh TEXT NOT NULL,
    text_en TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX checks_by_item ON checks (item_id, number);

-- Which body may do which item in which area from when to when: grants, delegations and recalls.
CREATE TABLE authorities (
    id TEXT NOT NULL PRIMARY KEY,
    item_id TEXT NOT NULL REFERENCES items (id),
    body_id TEXT NOT NULL REFERENCES bodies (id),
    area_id TEXT NOT NULL REFERENCES areas (id),
    act TEXT NOT NULL CHECK (act IN ('hold', 'delegate', 'recall')),
    from_day TEXT NOT NULL,
    until_day TEXT,
    delegator_id TEXT REFERENCES bodies (id),
    document TEXT,
    version INTEGER NOT NULL,
    CHECK (from_day <= until_day),
    CHECK ((act = 'delegate') = (delegator_id IS NOT NULL))
) STRICT;

CREATE INDEX authorities_by_item ON authorities (item_id, id);
