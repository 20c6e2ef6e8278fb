import { useDownload } from '../api/changes';
import { useToast } from '../ui/Toasts';
import { useProblemText } from '../ui/useProblemText';

/** Fetches a report's file, or says why that failed. */
export function useReportFile(): { fetchFile: (id: string) => void; isPending: boolean } {
  const toast = useToast();
  const problemText = useProblemText();
  const { mutate, isPending } = useDownload();
  const fetchFile = (id: string): void =>
    mutate(id, {
      // The file comes as an attachment: the page stays.
      onSuccess: ({ url }) => window.location.assign(url),
      onError: (error) => toast({ kind: 'bad', title: problemText(error) }),
    });
  return { fetchFile, isPending };
}
