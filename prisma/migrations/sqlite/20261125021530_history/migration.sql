-- AlterTable
ALTER TABLE "Lane" ADD COLUMN "caption" TEXT;
ALTER TABLE "Lane" ADD COLUMN "similarity" REAL;

-- CreateTable
CREATE TABLE "Share" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "tokenHash" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "comparisonId" TEXT NOT NULL,
    CONSTRAINT "Share_comparisonId_fkey" FOREIGN KEY ("comparisonId") REFERENCES "Comparison" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "SearchText" (
    "rowid" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "comparisonId" TEXT NOT NULL,
    "title" TEXT NOT NULL DEFAULT '',
    "note" TEXT NOT NULL DEFAULT '',
    "captions" TEXT NOT NULL DEFAULT '',
    CONSTRAINT "SearchText_comparisonId_fkey" FOREIGN KEY ("comparisonId") REFERENCES "Comparison" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_Image" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "mime" TEXT NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "bytes" BLOB NOT NULL,
    "thumbnail" BLOB NOT NULL,
    "ownerId" TEXT NOT NULL DEFAULT 'local',
    "size" INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "new_Image" ("bytes", "createdAt", "height", "id", "mime", "thumbnail", "width") SELECT "bytes", "createdAt", "height", "id", "mime", "thumbnail", "width" FROM "Image";
DROP TABLE "Image";
ALTER TABLE "new_Image" RENAME TO "Image";
CREATE INDEX "Image_createdAt_idx" ON "Image"("createdAt");
CREATE INDEX "Image_ownerId_size_idx" ON "Image"("ownerId", "size");
CREATE TABLE "new_Comparison" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "status" TEXT NOT NULL,
    "family" TEXT NOT NULL,
    "precision" TEXT,
    "device" JSONB,
    "inputKind" TEXT NOT NULL,
    "imageId" TEXT,
    "computedBy" TEXT NOT NULL DEFAULT 'server',
    "ownerId" TEXT NOT NULL DEFAULT 'local',
    "title" TEXT NOT NULL DEFAULT '',
    "note" TEXT NOT NULL DEFAULT '',
    "deletedAt" DATETIME,
    "familyHash" TEXT,
    "weightHashes" JSONB,
    "appVersion" TEXT,
    "replayOf" TEXT,
    "importedHash" TEXT,
    "size" INTEGER NOT NULL DEFAULT 0,
    "embedding" JSONB,
    "error" JSONB,
    "endedAt" DATETIME,
    "instanceId" TEXT NOT NULL,
    "heartbeatAt" DATETIME NOT NULL,
    CONSTRAINT "Comparison_imageId_fkey" FOREIGN KEY ("imageId") REFERENCES "Image" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
INSERT INTO "new_Comparison" ("computedBy", "createdAt", "device", "embedding", "endedAt", "error", "family", "familyHash", "heartbeatAt", "id", "imageId", "inputKind", "instanceId", "precision", "status") SELECT "computedBy", "createdAt", "device", "embedding", "endedAt", "error", "family", "familyHash", "heartbeatAt", "id", "imageId", "inputKind", "instanceId", "precision", "status" FROM "Comparison";
DROP TABLE "Comparison";
ALTER TABLE "new_Comparison" RENAME TO "Comparison";
CREATE INDEX "Comparison_status_heartbeatAt_idx" ON "Comparison"("status", "heartbeatAt");
CREATE INDEX "Comparison_imageId_idx" ON "Comparison"("imageId");
CREATE INDEX "Comparison_ownerId_deletedAt_createdAt_id_idx" ON "Comparison"("ownerId", "deletedAt", "createdAt", "id");
CREATE INDEX "Comparison_deletedAt_idx" ON "Comparison"("deletedAt");
CREATE INDEX "Comparison_ownerId_size_idx" ON "Comparison"("ownerId", "size");
CREATE INDEX "Comparison_ownerId_importedHash_idx" ON "Comparison"("ownerId", "importedHash");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

-- CreateIndex
CREATE UNIQUE INDEX "Share_tokenHash_key" ON "Share"("tokenHash");

-- CreateIndex
CREATE INDEX "Share_comparisonId_idx" ON "Share"("comparisonId");

-- CreateIndex
CREATE UNIQUE INDEX "SearchText_comparisonId_key" ON "SearchText"("comparisonId");

-- What follows is written by hand: Prisma's schema knows neither virtual tables nor triggers.

-- Words of titles, notes and captions, found by their beginnings. The text itself lies in SearchText, whose rowid is stable.
CREATE VIRTUAL TABLE "SearchIndex" USING fts5("title", "note", "captions", content = 'SearchText', content_rowid = 'rowid', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
CREATE TRIGGER "SearchText_insert" AFTER INSERT ON "SearchText" BEGIN
  INSERT INTO "SearchIndex" (rowid, "title", "note", "captions") VALUES (new."rowid", new."title", new."note", new."captions");
END;
CREATE TRIGGER "SearchText_delete" AFTER DELETE ON "SearchText" BEGIN
  INSERT INTO "SearchIndex" ("SearchIndex", rowid, "title", "note", "captions") VALUES ('delete', old."rowid", old."title", old."note", old."captions");
END;
CREATE TRIGGER "SearchText_update" AFTER UPDATE ON "SearchText" BEGIN
  INSERT INTO "SearchIndex" ("SearchIndex", rowid, "title", "note", "captions") VALUES ('delete', old."rowid", old."title", old."note", old."captions");
  INSERT INTO "SearchIndex" (rowid, "title", "note", "captions") VALUES (new."rowid", new."title", new."note", new."captions");
END;

CREATE TRIGGER "Comparison_insert" AFTER INSERT ON "Comparison" BEGIN
  INSERT INTO "SearchText" ("comparisonId", "title", "note") VALUES (new."id", new."title", new."note");
END;
CREATE TRIGGER "Comparison_update" AFTER UPDATE OF "title", "note" ON "Comparison" BEGIN
  UPDATE "SearchText" SET "title" = new."title", "note" = new."note" WHERE "comparisonId" = new."id";
END;

-- A lane's caption, cosine and bytes follow from its result.
CREATE TRIGGER "Lane_insert" AFTER INSERT ON "Lane" WHEN new."result" IS NOT NULL BEGIN
  UPDATE "Lane" SET "caption" = json_extract(new."result", '$.caption'), "similarity" = json_extract(new."result", '$.similarity') WHERE "comparisonId" = new."comparisonId" AND "key" = new."key";
  UPDATE "Comparison" SET "size" = "size" + octet_length(new."result") WHERE "id" = new."comparisonId";
END;
CREATE TRIGGER "Lane_result" AFTER UPDATE OF "result" ON "Lane" BEGIN
  UPDATE "Lane" SET "caption" = json_extract(new."result", '$.caption'), "similarity" = json_extract(new."result", '$.similarity') WHERE "comparisonId" = new."comparisonId" AND "key" = new."key";
  UPDATE "Comparison" SET "size" = "size" + coalesce(octet_length(new."result"), 0) - coalesce(octet_length(old."result"), 0) WHERE "id" = new."comparisonId";
END;
CREATE TRIGGER "Lane_caption" AFTER UPDATE OF "caption" ON "Lane" WHEN new."caption" IS NOT old."caption" BEGIN
  UPDATE "SearchText" SET "captions" = coalesce((SELECT group_concat("caption", char(10)) FROM "Lane" WHERE "comparisonId" = new."comparisonId"), '') WHERE "comparisonId" = new."comparisonId";
END;
CREATE TRIGGER "EventBatch_insert" AFTER INSERT ON "EventBatch" BEGIN
  UPDATE "Comparison" SET "size" = "size" + octet_length(new."items") WHERE "id" = new."comparisonId";
END;

-- What was kept before.
INSERT INTO "SearchText" ("comparisonId") SELECT "id" FROM "Comparison";
UPDATE "Lane" SET "caption" = json_extract("result", '$.caption'), "similarity" = json_extract("result", '$.similarity') WHERE "result" IS NOT NULL;
UPDATE "Image" SET "size" = length("bytes") + length("thumbnail"), "ownerId" = CASE WHEN "id" GLOB 'sample-*' THEN 'studio' ELSE 'local' END;
UPDATE "Comparison" SET "size" = coalesce((SELECT sum(octet_length("items")) FROM "EventBatch" WHERE "comparisonId" = "Comparison"."id"), 0) + coalesce((SELECT sum(octet_length("result")) FROM "Lane" WHERE "comparisonId" = "Comparison"."id"), 0);
