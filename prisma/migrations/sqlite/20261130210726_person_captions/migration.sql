-- AlterTable
ALTER TABLE "Comparison" ADD COLUMN "personCaptions" JSONB;
