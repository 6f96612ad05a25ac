-- CreateTable
CREATE TABLE "CollectionRun" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ownerId" TEXT NOT NULL DEFAULT 'local',
    "status" TEXT NOT NULL,
    "title" TEXT NOT NULL DEFAULT '',
    "settings" JSONB NOT NULL,
    "total" INTEGER NOT NULL,
    "appVersion" TEXT,
    "error" JSONB,
    "endedAt" DATETIME
);

-- CreateTable
CREATE TABLE "CollectionShard" (
    "runId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'waiting',
    "done" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "leaseOwner" TEXT,
    "leaseUntil" DATETIME,

    PRIMARY KEY ("runId", "position"),
    CONSTRAINT "CollectionShard_runId_fkey" FOREIGN KEY ("runId") REFERENCES "CollectionRun" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "CollectionError" (
    "runId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "lane" TEXT NOT NULL DEFAULT '',
    "code" TEXT NOT NULL,
    "message" TEXT NOT NULL,

    PRIMARY KEY ("runId", "key", "lane"),
    CONSTRAINT "CollectionError_runId_fkey" FOREIGN KEY ("runId") REFERENCES "CollectionRun" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "CollectionOutput" (
    "path" TEXT NOT NULL PRIMARY KEY,
    "runId" TEXT NOT NULL,
    CONSTRAINT "CollectionOutput_runId_fkey" FOREIGN KEY ("runId") REFERENCES "CollectionRun" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE INDEX "CollectionRun_ownerId_createdAt_idx" ON "CollectionRun"("ownerId", "createdAt");

-- CreateIndex
CREATE INDEX "CollectionShard_name_idx" ON "CollectionShard"("name");

-- CreateIndex
CREATE INDEX "CollectionError_runId_position_idx" ON "CollectionError"("runId", "position");

-- CreateIndex
CREATE INDEX "CollectionOutput_runId_idx" ON "CollectionOutput"("runId");
