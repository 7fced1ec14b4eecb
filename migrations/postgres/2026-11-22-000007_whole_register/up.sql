-- The register in full: where areas and departments stand, who may inspect, who is spared when, what
-- an item asks for, and which body may do which item where.
ALTER TABLE areas ADD COLUMN level TEXT COLLATE "C" NOT NULL DEFAULT 'town'
    CHECK (level IN ('city', 'county', 'town', 'village'));
ALTER TABLE areas ADD COLUMN parent_id TEXT COLLATE "C" REFERENCES areas (id);

ALTER TABLE departments ADD COLUMN level TEXT COLLATE "C" CHECK (level IN ('city', 'county', 'town', 'village'));
ALTER TABLE departments ADD COLUMN area_id TEXT COLLATE "C" REFERENCES areas (id);

ALTER TABLE enterprises ADD COLUMN subject TEXT COLLATE "C" NOT NULL DEFAULT 'enterprise'
    CHECK (subject IN ('enterprise', 'individual_business', 'partnership', 'farm_cooperative',
        'public_institution', 'social_group'));
ALTER TABLE enterprises ADD COLUMN longitude_microdegrees BIGINT;
ALTER TABLE enterprises ADD COLUMN latitude_microdegrees BIGINT;
ALTER TABLE enterprises ADD COLUMN is_joint_opt_out BOOLEAN NOT NULL DEFAULT FALSE;
-- Days of the week on which it is open, 1 (Monday) to 7.
ALTER TABLE enterprises ADD COLUMN open_weekdays TEXT COLLATE "C" NOT NULL DEFAULT '1234567';

ALTER TABLE items ADD COLUMN legal_basis TEXT COLLATE "C";
ALTER TABLE items ADD COLUMN method TEXT COLLATE "C" NOT NULL DEFAULT 'on_site'
    CHECK (method IN ('on_site', 'off_site_possible', 'unannounced'));
ALTER TABLE items ADD COLUMN qualification TEXT COLLATE "C";
ALTER TABLE items ADD COLUMN published_from DATE;
ALTER TABLE items ADD COLUMN published_to DATE;
ALTER TABLE items ADD COLUMN notice_days BIGINT NOT NULL DEFAULT 0 CHECK (notice_days >= 0);
ALTER TABLE items ADD COLUMN valid_days BIGINT NOT NULL DEFAULT 0 CHECK (valid_days >= 0);

-- Bodies that may inspect, and coordinators, which may only convene.
CREATE TABLE bodies (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name_zh TEXT COLLATE "C" NOT NULL,
    name_en TEXT COLLATE "C" NOT NULL,
    department_id TEXT COLLATE "C" NOT NULL REFERENCES departments (id),
    area_id TEXT COLLATE "C" NOT NULL REFERENCES areas (id),
    role TEXT COLLATE "C" NOT NULL CHECK (role IN ('inspects', 'convenes')),
    version BIGINT NOT NULL
);

CREATE INDEX bodies_by_department ON bodies (department_id, id);

-- Qualifications are a JSON list of texts.
CREATE TABLE inspectors (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    body_id TEXT COLLATE "C" NOT NULL REFERENCES bodies (id),
    pool_id TEXT COLLATE "C" REFERENCES pools (id),
    certificate TEXT COLLATE "C" NOT NULL,
    certificate_from DATE NOT NULL,
    certificate_to DATE NOT NULL,
    qualifications TEXT COLLATE "C" NOT NULL,
    minutes BIGINT NOT NULL CHECK (minutes >= 0),
    version BIGINT NOT NULL
);

CREATE INDEX inspectors_by_body ON inspectors (body_id, id);
CREATE INDEX inspectors_by_pool ON inspectors (pool_id, id);

-- The ids of what follows are made of what each row is about.
CREATE TABLE absences (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    inspector_id TEXT COLLATE "C" NOT NULL REFERENCES inspectors (id),
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    reason TEXT COLLATE "C",
    version BIGINT NOT NULL,
    CHECK (first_day <= last_day)
);

CREATE INDEX absences_by_last_day ON absences (last_day);

CREATE TABLE recusals (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    inspector_id TEXT COLLATE "C" NOT NULL REFERENCES inspectors (id),
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprises (id),
    reason TEXT COLLATE "C",
    version BIGINT NOT NULL
);

CREATE INDEX recusals_by_enterprise ON recusals (enterprise_id);

-- Risk and credit grade of an enterprise from a day on.
CREATE TABLE grades (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprises (id),
    from_day DATE NOT NULL,
    risk TEXT COLLATE "C" NOT NULL CHECK (risk IN ('A', 'B', 'C', 'D')),
    credit_grade TEXT COLLATE "C" NOT NULL CHECK (credit_grade IN ('A', 'B', 'C', 'D')),
    version BIGINT NOT NULL
);

CREATE INDEX grades_by_enterprise ON grades (enterprise_id, from_day);

-- Who is spared without cause: by one department, or (department_id is null) by all.
CREATE TABLE listings (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprises (id),
    list TEXT COLLATE "C" NOT NULL CHECK (list IN ('white_list', 'no_disturb')),
    department_id TEXT COLLATE "C" REFERENCES departments (id),
    first_day DATE NOT NULL,
    last_day DATE,
    note TEXT COLLATE "C",
    version BIGINT NOT NULL,
    CHECK (first_day <= last_day)
);

CREATE INDEX listings_by_enterprise ON listings (enterprise_id);

-- Quiet days of an enterprise or of an area and what lies in it: all days, or those of each month
-- from month_first to month_last.
CREATE TABLE quiet_periods (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    enterprise_id TEXT COLLATE "C" REFERENCES enterprises (id),
    area_id TEXT COLLATE "C" REFERENCES areas (id),
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    month_first BIGINT,
    month_last BIGINT,
    note TEXT COLLATE "C",
    version BIGINT NOT NULL,
    CHECK (first_day <= last_day),
    CHECK ((enterprise_id IS NULL) <> (area_id IS NULL)),
    CHECK ((month_first IS NULL) = (month_last IS NULL))
);

CREATE INDEX quiet_periods_by_enterprise ON quiet_periods (enterprise_id);

-- Days on which an enterprise is closed, beside those of the week.
CREATE TABLE closures (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprises (id),
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    reason TEXT COLLATE "C",
    version BIGINT NOT NULL,
    CHECK (first_day <= last_day)
);

CREATE INDEX closures_by_enterprise ON closures (enterprise_id);

-- What is asked on site for an item; checks of one standard are one question.
CREATE TABLE checks (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    item_id TEXT COLLATE "C" NOT NULL REFERENCES items (id),
    number BIGINT NOT NULL,
    standard TEXT COLLATE "C",
    text_zh TEXT COLLATE "C" NOT NULL,
    text_en TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX checks_by_item ON checks (item_id, number);

-- Which body may do which item in which area from when to when: grants, delegations and recalls.
CREATE TABLE authorities (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    item_id TEXT COLLATE "C" NOT NULL REFERENCES items (id),
    body_id TEXT COLLATE "C" NOT NULL REFERENCES bodies (id),
    area_id TEXT COLLATE "C" NOT NULL REFERENCES areas (id),
    act TEXT COLLATE "C" NOT NULL CHECK (act IN ('hold', 'delegate', 'recall')),
    from_day DATE NOT NULL,
    until_day DATE,
    delegator_id TEXT COLLATE "C" REFERENCES bodies (id),
    document TEXT COLLATE "C",
    version BIGINT NOT NULL,
    CHECK (from_day <= until_day),
    CHECK ((act = 'delegate') = (delegator_id IS NOT NULL))
);

CREATE INDEX authorities_by_item ON authorities (item_id, id);
