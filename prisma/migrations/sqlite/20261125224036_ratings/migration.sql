-- AlterTable
ALTER TABLE "Lane" ADD COLUMN "ratedBlind" BOOLEAN;
ALTER TABLE "Lane" ADD COLUMN "stars" INTEGER;

-- CreateIndex
CREATE INDEX "Lane_comparisonId_stars_idx" ON "Lane"("comparisonId", "stars");
