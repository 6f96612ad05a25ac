-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
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
    "familyHash" TEXT,
    "embedding" JSONB,
    "error" JSONB,
    "endedAt" DATETIME,
    "instanceId" TEXT NOT NULL,
    "heartbeatAt" DATETIME NOT NULL,
    CONSTRAINT "Comparison_imageId_fkey" FOREIGN KEY ("imageId") REFERENCES "Image" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
INSERT INTO "new_Comparison" ("createdAt", "device", "endedAt", "error", "family", "heartbeatAt", "id", "imageId", "inputKind", "instanceId", "precision", "status") SELECT "createdAt", "device", "endedAt", "error", "family", "heartbeatAt", "id", "imageId", "inputKind", "instanceId", "precision", "status" FROM "Comparison";
DROP TABLE "Comparison";
ALTER TABLE "new_Comparison" RENAME TO "Comparison";
CREATE INDEX "Comparison_status_heartbeatAt_idx" ON "Comparison"("status", "heartbeatAt");
CREATE INDEX "Comparison_imageId_idx" ON "Comparison"("imageId");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;
