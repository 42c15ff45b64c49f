<?xml version="1.0" encoding="UTF-8"?>
<!-- Sessions: the list, and the form that ends one. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="sessions">
<section aria-labelledby="sessions-heading" id="settings-security-sessions">
<h2 id="sessions-heading">Sessions</h2>
<xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">settings-security-token</xsl:with-param></xsl:apply-templates>
<p class="fine"><xsl:apply-templates select="@of-all"/></p>
<div class="table-frame">
<table class="stacked" id="settings-security-token-list">
<caption class="visually-hidden">Sessions, the newest first</caption>
<thead><tr><th scope="col">Account</th><th scope="col">From</th><th scope="col">Status</th><th scope="col">Begun</th><th scope="col">Last seen</th><th scope="col">Expires</th><th scope="col">Ended</th><th scope="col">Change</th></tr></thead>
<tbody><xsl:apply-templates select="session"/></tbody>
</table>
</div>
<xsl:if test="@first='no' or @next">
<nav class="pager" aria-label="Pages of sessions">
<xsl:if test="@first='no'"><a href="/settings/security#sessions-heading">First page</a></xsl:if>
<xsl:if test="@next"><a rel="next" href="/settings/security?sessions_after={@next}#sessions-heading">Next page</a></xsl:if>
</nav>
</xsl:if>
</section>
</xsl:template>

<xsl:template match="@of-all">Yours. An owner sees those of all accounts.</xsl:template>
<xsl:template match="@of-all[.='yes']">Of all accounts.</xsl:template>

<xsl:template match="session">
<tr id="settings-security-token-{@id}">
<th scope="row" data-label="Account" class="long"><xsl:value-of select="@email"/><xsl:if test="@own='yes'"><xsl:text> </xsl:text><span class="fine">this one</span></xsl:if></th>
<td data-label="From"><xsl:value-of select="@address"/></td>
<td data-label="Status" id="settings-security-token-status-{@id}"><span class="status {@status}"><xsl:value-of select="@status"/></span></td>
<td data-label="Begun"><time datetime="{@created-at}"><xsl:value-of select="@created-at-text"/></time></td>
<td data-label="Last seen"><time datetime="{@last-seen-at}"><xsl:value-of select="@last-seen-at-text"/></time></td>
<td data-label="Expires" id="settings-security-token-expires-at-{@id}"><time datetime="{@expires-at}"><xsl:value-of select="@expires-at-text"/></time></td>
<td data-label="Ended" id="settings-security-token-revoked-at-{@id}"><xsl:call-template name="time-or"><xsl:with-param name="at" select="@revoked-at"/><xsl:with-param name="text" select="@revoked-at-text"/><xsl:with-param name="else">–</xsl:with-param></xsl:call-template></td>
<td data-label="Change"><xsl:apply-templates select="." mode="change"/></td>
</tr>
</xsl:template>

<xsl:template match="session" mode="change"><span class="fine">–</span></xsl:template>
<xsl:template match="session[@status='active']" mode="change">
<form id="settings-security-revoke-token-{@id}" method="post" action="/settings/security/sessions/{@id}/revoke">
<input type="hidden" name="_csrf" value="{../@csrf}"/>
<button type="submit" class="quiet danger">Revoke<span class="visually-hidden"> the session of <xsl:value-of select="@email"/></span></button>
</form>
</xsl:template>
</xsl:stylesheet>
