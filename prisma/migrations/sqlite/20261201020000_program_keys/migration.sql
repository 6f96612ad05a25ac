-- CreateTable
CREATE TABLE "ProgramKey" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "ownerId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "keyHash" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastUsedAt" DATETIME,
    "uses" INTEGER NOT NULL DEFAULT 0
);

-- CreateIndex
CREATE UNIQUE INDEX "ProgramKey_keyHash_key" ON "ProgramKey"("keyHash");

-- CreateIndex
CREATE INDEX "ProgramKey_ownerId_idx" ON "ProgramKey"("ownerId");
