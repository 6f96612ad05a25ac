-- AlterTable
ALTER TABLE "Comparison" ADD COLUMN "embeddingModality" TEXT;
ALTER TABLE "Comparison" ADD COLUMN "referenceCaptions" JSONB;

-- CreateTable
CREATE TABLE "OwnerKey" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "ownerId" TEXT NOT NULL,
    "keyHash" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastUsedAt" DATETIME
);

-- CreateIndex
CREATE UNIQUE INDEX "OwnerKey_keyHash_key" ON "OwnerKey"("keyHash");

-- CreateIndex
CREATE INDEX "OwnerKey_ownerId_idx" ON "OwnerKey"("ownerId");
