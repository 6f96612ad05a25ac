-- AlterTable
ALTER TABLE "CollectionRun" ADD COLUMN "origin" JSONB;
ALTER TABLE "CollectionRun" ADD COLUMN "uploadId" TEXT;

-- CreateTable
CREATE TABLE "CollectionUpload" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ownerId" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "total" INTEGER NOT NULL
);

-- CreateTable
CREATE TABLE "CollectionPhoto" (
    "uploadId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "hash" TEXT NOT NULL DEFAULT '',
    "size" INTEGER NOT NULL DEFAULT 0,
    "error" JSONB,

    PRIMARY KEY ("uploadId", "position"),
    CONSTRAINT "CollectionPhoto_uploadId_fkey" FOREIGN KEY ("uploadId") REFERENCES "CollectionUpload" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_CollectionShard" (
    "runId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'waiting',
    "done" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "unread" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "leaseOwner" TEXT,
    "leaseUntil" DATETIME,

    PRIMARY KEY ("runId", "position"),
    CONSTRAINT "CollectionShard_runId_fkey" FOREIGN KEY ("runId") REFERENCES "CollectionRun" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "new_CollectionShard" ("attempts", "count", "done", "failed", "leaseOwner", "leaseUntil", "name", "position", "runId", "status") SELECT "attempts", "count", "done", "failed", "leaseOwner", "leaseUntil", "name", "position", "runId", "status" FROM "CollectionShard";
DROP TABLE "CollectionShard";
ALTER TABLE "new_CollectionShard" RENAME TO "CollectionShard";
CREATE INDEX "CollectionShard_name_idx" ON "CollectionShard"("name");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

-- CreateIndex
CREATE INDEX "CollectionUpload_ownerId_idx" ON "CollectionUpload"("ownerId");

-- CreateIndex
CREATE UNIQUE INDEX "CollectionPhoto_uploadId_key_key" ON "CollectionPhoto"("uploadId", "key");

-- CreateIndex
CREATE INDEX "CollectionRun_uploadId_idx" ON "CollectionRun"("uploadId");
