-- AlterTable
ALTER TABLE "Comparison" ADD COLUMN "sample" TEXT;
