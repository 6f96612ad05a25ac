import type { ErrorData } from '../models/errors';

type Failure = Pick<ErrorData, 'code'>;

/** How a lane that told an error stands: one that a person stopped has not failed. */
export const endedAs = ({ code }: Failure): 'cancelled' | 'failed' => (code === 'cancelled' ? 'cancelled' : 'failed');

/** The lane cannot read this kind of input, which is no fault of anybody's. */
export const isUnfit = (error: Failure | null | undefined): boolean => error?.code === 'needs-image';

/** What is said of such a lane. */
export const notForThis = 'not for this input';

/** How a lane without a caption stands. */
export const standing = ({ status, error }: { status: string; error: Failure | null }): string =>
  isUnfit(error) ? notForThis : status;
