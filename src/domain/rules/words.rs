//! Words that filings and rule packs share, each with its stable text.

/// An enumeration with its texts: `Name::ALL`, `as_str`, `parse`, and its form as a parameter.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// Every value with its text.
            pub const ALL: &'static [(&'static str, $name)] = &[$(($text, $name::$variant),)*];

            /// Its text in JSON, files and the database.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// The value with this text.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().find(|(known, _)| *known == text).map(|(_, value)| *value)
            }
        }

        impl super::value::Parameter for $name {
            const SHAPE: super::value::Shape = super::value::Shape::Choice(&[$($text,)*]);
            fn of(value: &super::value::Value) -> Option<Self> {
                match value {
                    super::value::Value::Text(text) => Self::parse(text),
                    _ => None,
                }
            }
            fn value(&self) -> super::value::Value {
                super::value::Value::Text(self.as_str().into())
            }
        }
    };
}

words! {
    /// Kind of inspection (R05).
    Kind {
        /// Routine, from the annual plan (日常检查).
        Daily = "daily",
        /// A special campaign (专项检查).
        Special = "special",
        /// Drawn by lot (双随机抽查).
        RandomDraw = "random_draw",
        /// Case-based (个案检查).
        Case = "case",
        /// Verification of a clue (线索核查).
        Clue = "clue",
        /// Immediate (即时检查).
        Immediate = "immediate",
        /// Re-check of a rectification (整改复查).
        FollowUp = "follow_up",
    }
}

words! {
    /// Why an inspection is spared by caps or quiet days: ten reasons of a published list of caps, and
    /// what lists of quiet days add.
    Reason {
        /// A complaint or tip: 12345, letters, reports.
        Complaint = "complaint",
        /// Assigned or transferred by a higher body.
        Assigned = "assigned",
        /// Joining a check by a higher body.
        JoinsHigherBody = "joins_higher_body",
        /// An internal audit of enforcement.
        EnforcementAudit = "enforcement_audit",
        /// A clue from off-site monitoring or data.
        MonitoringClue = "monitoring_clue",
        /// Exposure by the media.
        MediaExposure = "media_exposure",
        /// Follow-up of a rectification.
        FollowUp = "follow_up",
        /// The enterprise asked for it.
        OwnRequest = "own_request",
        /// The on-site step of a licence.
        Licence = "licence",
        /// Another legal emergency.
        Emergency = "emergency",
        /// Deployed by the central, provincial or city government (quiet days).
        GovernmentDeployment = "government_deployment",
        /// An event of national or public safety, health, work safety, environment, food or drugs, or a
        /// hazard under rectification (quiet days).
        SafetyEvent = "safety_event",
        /// A statutory re-check with a deadline (quiet days).
        StatutoryRecheck = "statutory_recheck",
        /// Tax evasion (quiet days).
        TaxEvasion = "tax_evasion",
        /// Undercover (暗访).
        Undercover = "undercover",
    }
}

words! {
    /// What a rule does with what breaks it.
    Severity {
        /// Refuses it.
        Refuse = "refuse",
        /// Lets it pass with a warning.
        Warn = "warn",
        /// Notes it.
        Record = "record",
        /// Nothing: the rule does not hold here.
        Off = "off",
    }
}

words! {
    /// How well a source is confirmed.
    Confidence {
        /// Official text or government page.
        A = "A",
        /// Press or government news.
        B = "B",
        /// Mirror, abstract or reprint.
        C = "C",
        /// Not confirmed, or derived.
        D = "D",
    }
}

words! {
    /// What kind of subject is inspected (R33).
    Subject {
        /// A company (企业).
        Enterprise = "enterprise",
        /// An individual business (个体工商户).
        IndividualBusiness = "individual_business",
        /// A partnership (合伙企业).
        Partnership = "partnership",
        /// A farmers' co-operative (农民专业合作社).
        FarmCooperative = "farm_cooperative",
        /// A public institution (事业单位).
        PublicInstitution = "public_institution",
        /// A social group (社会团体).
        SocialGroup = "social_group",
    }
}

words! {
    /// How an item is inspected.
    Method {
        /// On site.
        OnSite = "on_site",
        /// Papers or data may settle it (R13).
        OffSitePossible = "off_site_possible",
        /// On site, without notice.
        Unannounced = "unannounced",
    }
}

words! {
    /// A list of enterprises that are spared (R23).
    List {
        /// White list (白名单).
        WhiteList = "white_list",
        /// Not disturbed without cause (无事不扰).
        NoDisturb = "no_disturb",
    }
}

words! {
    /// How high a department stands.
    Level {
        /// A city (市).
        City = "city",
        /// A county or district (县、区).
        County = "county",
        /// A town or subdistrict (乡镇、街道).
        Town = "town",
        /// A village or neighbourhood (村、社区).
        Village = "village",
    }
}

words! {
    /// A grade from A (best credit, or lowest risk) to D.
    Grade {
        /// Best, or lowest.
        A = "A",
        /// Second.
        B = "B",
        /// Third.
        C = "C",
        /// Worst, or highest.
        D = "D",
    }
}

words! {
    /// Level of work-safety standardisation (安全生产标准化).
    SafetyLevel {
        /// First, the best.
        One = "1",
        /// Second.
        Two = "2",
        /// Third.
        Three = "3",
        /// None reached.
        NoLevel = "no_level",
    }
}

words! {
    /// What a contact with an enterprise is (R34).
    Contact {
        /// An inspection.
        Inspection = "inspection",
        /// A guidance visit (督导检查).
        Guidance = "guidance",
        /// Observation or research (观摩、调研).
        Research = "research",
        /// Publicity (宣传).
        Publicity = "publicity",
        /// A service (服务).
        Service = "service",
    }
}

words! {
    /// How a joint visit counts towards the caps of its departments (R06).
    JointCounts {
        /// Once for each that takes part.
        Each = "each",
        /// Once in all, for the lead.
        Once = "once",
    }
}

words! {
    /// How far back the same item is a repeat (R12).
    RepeatWithin {
        /// Requests whose windows overlap.
        Window = "window",
        /// Also inspections of the same calendar year.
        Year = "year",
    }
}

words! {
    /// What the joint rate is a share of: no source gives a formula.
    JointRateOf {
        /// Joint visits of all visits.
        Visits = "visits",
        /// Requests in joint visits of all that are scheduled.
        Requests = "requests",
        /// Departments' attendances at joint visits of all attendances.
        Attendances = "attendances",
    }
}

words! {
    /// A step of making a cross-department plan (R16).
    PlanStep {
        /// Legality review (合法性审查).
        LegalityReview = "legality_review",
        /// Collective discussion (集体讨论).
        CollectiveDiscussion = "collective_discussion",
        /// Public notice (公示).
        PublicNotice = "public_notice",
    }
}

words! {
    /// What a list leaves of an inspection (R23).
    ListAllows {
        /// Everything.
        Everything = "everything",
        /// What is settled off site, and what is exempt.
        OffSite = "off_site",
        /// Only what is exempt.
        Exempt = "exempt",
    }
}

words! {
    /// Of whom monthly quiet days speak (R22).
    QuietScope {
        /// Everybody.
        All = "all",
        /// Only enterprises of designated size or named for them.
        Named = "named",
    }
}

words! {
    /// What kind of plan a request is filed under.
    PlanKind {
        /// A department's plan of the year.
        Annual = "annual",
        /// A special campaign.
        Campaign = "campaign",
    }
}
