-- CreateTable
CREATE TABLE "Image" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "mime" TEXT NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "bytes" BLOB NOT NULL,
    "thumbnail" BLOB NOT NULL
);

-- CreateTable
CREATE TABLE "Comparison" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "status" TEXT NOT NULL,
    "family" TEXT NOT NULL,
    "precision" TEXT,
    "device" JSONB,
    "inputKind" TEXT NOT NULL,
    "imageId" TEXT NOT NULL,
    "error" JSONB,
    "endedAt" DATETIME,
    "instanceId" TEXT NOT NULL,
    "heartbeatAt" DATETIME NOT NULL,
    CONSTRAINT "Comparison_imageId_fkey" FOREIGN KEY ("imageId") REFERENCES "Image" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Lane" (
    "comparisonId" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "decoder" TEXT NOT NULL,
    "options" JSONB NOT NULL,
    "status" TEXT NOT NULL,
    "result" JSONB,
    "error" JSONB,

    PRIMARY KEY ("comparisonId", "key"),
    CONSTRAINT "Lane_comparisonId_fkey" FOREIGN KEY ("comparisonId") REFERENCES "Comparison" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "EventBatch" (
    "comparisonId" TEXT NOT NULL,
    "first" INTEGER NOT NULL,
    "items" JSONB NOT NULL,

    PRIMARY KEY ("comparisonId", "first"),
    CONSTRAINT "EventBatch_comparisonId_fkey" FOREIGN KEY ("comparisonId") REFERENCES "Comparison" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE INDEX "Image_createdAt_idx" ON "Image"("createdAt");

-- CreateIndex
CREATE INDEX "Comparison_status_heartbeatAt_idx" ON "Comparison"("status", "heartbeatAt");

-- CreateIndex
CREATE INDEX "Comparison_imageId_idx" ON "Comparison"("imageId");
