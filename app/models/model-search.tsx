import { SearchField } from '../frame/search-field';
import { useTranslation } from '../languages/use-translation';

type Props = {
  typed: string;
  onType: (typed: string) => void;
  /** How many of how many models are shown. */
  shown: number;
  of: number;
};

/** What of the catalog is looked for. */
export function ModelSearch({ typed, onType, shown, of }: Props) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <SearchField
        label={t('Search models')}
        placeholder={t('Search by name, decoder, space, licence')}
        typed={typed}
        onType={onType}
        className="basis-72"
      />
      <p role="status" className="text-sm text-quiet">
        {typed.trim() &&
          (shown
            ? t('{{shown}} of {{of}} models', { shown, of })
            : t('No model has “{{search}}” in its name, its facts or its sentence.', { search: typed.trim() }))}
      </p>
    </div>
  );
}
