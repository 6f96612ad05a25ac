-- CreateTable
CREATE TABLE "CollectionMark" (
    "runId" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "lane" TEXT NOT NULL DEFAULT '',
    "stars" INTEGER,
    "caption" TEXT NOT NULL,
    "at" DATETIME NOT NULL,

    PRIMARY KEY ("runId", "key", "lane"),
    CONSTRAINT "CollectionMark_runId_fkey" FOREIGN KEY ("runId") REFERENCES "CollectionRun" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
