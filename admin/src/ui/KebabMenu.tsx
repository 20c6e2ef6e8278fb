import { Menu, MenuItem, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { IconButton } from './Button';
import { MoreIcon } from './icons';

export interface MenuAction {
  id: string;
  label: string;
  onAction: () => void;
}

/** The three dots at the end of a row. */
export function KebabMenu({ label, actions }: { label: string; actions: readonly MenuAction[] }) {
  return (
    <MenuTrigger>
      <IconButton label={label}>
        <MoreIcon />
      </IconButton>
      <Popover className="popover" placement="bottom end">
        <Menu className="menu" aria-label={label}>
          {actions.map((action) => (
            <MenuItem key={action.id} id={action.id} className="menu-item" onAction={action.onAction}>
              {action.label}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
