-- What a person says of a photo is found as what decoders said is. Written by hand, as the triggers that it takes the
-- place of (20261125021530_history).
DROP TRIGGER "Lane_caption";
DROP TRIGGER "Comparison_insert";

CREATE TRIGGER "Comparison_insert" AFTER INSERT ON "Comparison" BEGIN
  INSERT INTO "SearchText" ("comparisonId", "title", "note", "captions") VALUES (new."id", new."title", new."note", coalesce((SELECT group_concat(json_extract("value", '$.text'), char(10)) FROM json_each(coalesce(new."personCaptions", '[]'))), ''));
END;
CREATE TRIGGER "Comparison_said" AFTER UPDATE OF "personCaptions" ON "Comparison" WHEN new."personCaptions" IS NOT old."personCaptions" BEGIN
  UPDATE "SearchText" SET "captions" = coalesce((SELECT group_concat("text", char(10)) FROM (SELECT "caption" AS "text" FROM "Lane" WHERE "comparisonId" = new."id" UNION ALL SELECT json_extract("value", '$.text') FROM json_each(coalesce(new."personCaptions", '[]')))), '') WHERE "comparisonId" = new."id";
END;
CREATE TRIGGER "Lane_caption" AFTER UPDATE OF "caption" ON "Lane" WHEN new."caption" IS NOT old."caption" BEGIN
  UPDATE "SearchText" SET "captions" = coalesce((SELECT group_concat("text", char(10)) FROM (SELECT "caption" AS "text" FROM "Lane" WHERE "comparisonId" = new."comparisonId" UNION ALL SELECT json_extract(j."value", '$.text') FROM "Comparison" c, json_each(coalesce(c."personCaptions", '[]')) j WHERE c."id" = new."comparisonId")), '') WHERE "comparisonId" = new."comparisonId";
END;

-- What was kept before.
UPDATE "SearchText" SET "captions" = "captions" || char(10) || (SELECT group_concat(json_extract(j."value", '$.text'), char(10)) FROM "Comparison" c, json_each(c."personCaptions") j WHERE c."id" = "SearchText"."comparisonId")
WHERE EXISTS (SELECT 1 FROM "Comparison" c, json_each(c."personCaptions") j WHERE c."id" = "SearchText"."comparisonId");
