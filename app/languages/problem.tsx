import { type Problem, problemParts } from './problem-text';
import { useTranslation } from './use-translation';

/** A problem in the language of the page; the part that is told in English only is marked as such. */
export function ProblemText({ of }: { of: Problem | string }) {
  const { t } = useTranslation();
  const { said, english } = problemParts(t, typeof of === 'string' ? { message: of } : of);
  if (english === undefined) return <>{said}</>;
  return (
    <>
      {said} <span lang="en">{english}</span>
    </>
  );
}
