ALTER TABLE rule_packs DROP COLUMN pinned;
